import {
  ArrowDown,
  ArrowUp,
  ChevronLeft,
  ChevronRight,
  GitFork,
  List,
  OctagonAlert,
  Pause,
  Play,
  Redo,
  SkipBack,
  Undo2,
} from 'lucide-react';
import { useStore } from 'zustand';
import { SPEEDS, setSpeed, togglePlay, transportStore } from '../../store/transport';
import { spell } from '../app/hotkeys';
import { useEngine, useStatus } from '../kit/stores';
import { commandById, possible } from '../palette/commands';
import { useMoment } from './useMoment';

interface Props {
  readonly listed: boolean;
  readonly onList: () => void;
}

/** Step, play, over, into, out; and where one is, in words. */
export function Transport({ listed, onList }: Props) {
  const { playing, speed } = useStore(transportStore);
  const away = useStatus(({ forked, scenario }) => forked || scenario?.strayed === true) ?? false;
  return (
    <div className="transport" role="toolbar" aria-label="Time">
      <Do id="previous" icon={SkipBack} label="Previous step" />
      <Do id="back" icon={ChevronLeft}>
        step
      </Do>
      <button
        type="button"
        className="button button-small button-primary transport-play"
        onClick={togglePlay}
      >
        {playing ? <Pause aria-hidden /> : <Play aria-hidden />}
        {playing ? 'pause' : 'play'}
      </button>
      <Do id="step" icon={ChevronRight}>
        step
      </Do>
      <Do id="over" icon={Redo} wide>
        over
      </Do>
      <Do id="into" icon={ArrowDown} wide>
        into
      </Do>
      <Do id="out" icon={ArrowUp} wide>
        out
      </Do>
      <Do id="fault" icon={OctagonAlert} wide>
        to fault
      </Do>
      {away ? (
        <Do id="return" icon={Undo2} wide>
          return
        </Do>
      ) : (
        <Do id="fork" icon={GitFork} wide>
          what if?
        </Do>
      )}
      <label className="transport-speed">
        <span className="visually-hidden">Speed of playing</span>
        <select value={speed} onChange={(event) => setSpeed(Number(event.target.value))}>
          {SPEEDS.map((each) => (
            <option key={each} value={each}>
              {each}/s
            </option>
          ))}
        </select>
      </label>
      <Moment />
      <button
        type="button"
        className="button button-small button-quiet transport-wide"
        aria-pressed={listed}
        onClick={onList}
      >
        <List aria-hidden />
        {listed ? 'As a picture' : 'As a list'}
      </button>
    </div>
  );
}

/** By itself, because it changes with every step and the buttons do not. */
const Moment = () => <p className="transport-moment">{useMoment()}</p>;

interface DoProps {
  readonly id: string;
  readonly icon: typeof Play;
  readonly label?: string;
  readonly wide?: boolean;
  readonly children?: string;
}

/** A button for a command of the one list, with its key in the hint. */
function Do({ id, icon: Icon, label, wide, children }: DoProps) {
  const command = commandById(id);
  const enabled = useEngine((state) => possible(command, state));
  const key = command.keys?.[0];
  return (
    <button
      type="button"
      className={`button button-small ${wide ? 'transport-wide' : ''}`}
      aria-label={label ?? command.title}
      title={key ? `${command.title} (${spell(key, false)})` : command.title}
      aria-disabled={!enabled}
      onClick={() => enabled && command.perform()}
    >
      <Icon aria-hidden />
      {children}
    </button>
  );
}
