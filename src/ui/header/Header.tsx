import {
  BookOpen,
  ChevronDown,
  Cpu,
  Library,
  Menu,
  MessageSquareWarning,
  Presentation,
  Search,
  Share2,
  Swords,
} from 'lucide-react';
import { TECHNOLOGIES, type Technology } from '../../engine/core/config';
import { type Overlay, openOverlay } from '../../store/overlay';
import { openPlace } from '../../store/session';
import { openRoom, setView } from '../../store/view';
import { isMac, spell } from '../app/hotkeys';
import { Segmented } from '../kit/Segmented';
import { useStatus, useView } from '../kit/stores';
import { HostSwitch } from './HostSwitch';
import { Lamps } from './Lamps';
import { summarise, TECHNOLOGY_NAMES } from './machine';
import { ThemeToggle } from './ThemeToggle';
import './header.css';

const technologies = TECHNOLOGIES.map((value) => ({ value, ...TECHNOLOGY_NAMES[value] }));

const changeTechnology = (technology: Technology): void =>
  void openPlace({ kind: 'reconfigure', config: { technology } });

/** What machine this is, what is switched on, whether its promises hold, and the way to everything else. */
export function Header() {
  const config = useStatus(({ config }) => config);
  const machine = config && summarise(config);
  const scenario = useStatus(({ scenario }) => scenario?.title ?? null);
  const presenting = useView((view) => view.presenting);
  const room = useView((view) => view.room);
  return (
    <header className="header">
      <h1 className="logo">
        SEV<span>scope</span>
      </h1>
      <HeaderButton opens="scenarios" className="header-scenario" label="Choose a scenario">
        <BookOpen aria-hidden />
        <span className="header-scenario-title">{scenario ?? (config ? 'Free play' : 'Scenario')}</span>
        <ChevronDown aria-hidden />
      </HeaderButton>
      <HeaderButton opens="machine" className="header-machine" label="Change the machine">
        <Cpu aria-hidden />
        <span>
          <strong>{machine?.[0] ?? 'Machine'}</strong>
          {machine && <span className="header-more"> · {machine[1]}</span>}
        </span>
      </HeaderButton>
      {config && (
        <Segmented
          label="Memory encryption"
          className="header-technology"
          value={config.technology}
          options={technologies}
          onChange={changeTechnology}
        />
      )}
      <HostSwitch />
      <div className="header-space" />
      <Lamps />
      <button
        type="button"
        className="button button-icon header-wide"
        aria-label="Attacks"
        aria-pressed={room === 'attacks'}
        title="Attacks on every technology (A)"
        onClick={() => openRoom(room === 'attacks' ? null : 'attacks')}
      >
        <Swords aria-hidden />
      </button>
      <HeaderButton opens="notices" className="button-icon header-wide header-seldom" label="What was said">
        <MessageSquareWarning aria-hidden />
      </HeaderButton>
      <HeaderButton opens="sources" className="button-icon header-wide header-seldom" label="Sources">
        <Library aria-hidden />
      </HeaderButton>
      <ThemeToggle />
      <HeaderButton opens="palette" className="header-wide" label="Search for anything">
        <Search aria-hidden />
        <kbd>{spell('Mod+K', isMac())}</kbd>
      </HeaderButton>
      <HeaderButton opens="share" className="header-wide">
        <Share2 aria-hidden />
        <span className="header-label">Share</span>
      </HeaderButton>
      <button
        type="button"
        className="button button-icon header-wide"
        aria-label="Present"
        aria-pressed={presenting}
        title="Present: only the stage (P)"
        onClick={() => setView({ presenting: !presenting })}
      >
        <Presentation aria-hidden />
      </button>
      <HeaderButton opens="menu" className="button-icon header-menu" label="Menu">
        <Menu aria-hidden />
      </HeaderButton>
    </header>
  );
}

interface HeaderButtonProps {
  readonly opens: Overlay;
  readonly className: string;
  readonly label?: string;
  readonly children: React.ReactNode;
}

function HeaderButton({ opens, className, label, children }: HeaderButtonProps) {
  return (
    <button
      type="button"
      className={`button ${className}`}
      aria-haspopup="dialog"
      title={label}
      onClick={() => openOverlay(opens)}
    >
      {label && <span className="visually-hidden">{label}: </span>}
      {children}
    </button>
  );
}
