import {
  ArrowDownToLine,
  ArrowUpFromLine,
  BookOpen,
  CircleHelp,
  Columns3,
  Cpu,
  FileInput,
  GitFork,
  Keyboard,
  Library,
  type LucideIcon,
  MessageSquareWarning,
  MonitorOff,
  Moon,
  OctagonAlert,
  Pencil,
  Play,
  Presentation,
  Search,
  Share2,
  SkipBack,
  SkipForward,
  StepBack,
  StepForward,
  Sun,
  SunMoon,
  Swords,
  Terminal,
  Undo2,
  VenetianMask,
} from 'lucide-react';
import { enter } from '../../store/console';
import { comparable, type EngineState, engineStore } from '../../store/engine';
import { startGame } from '../../store/game';
import { type Overlay, openOverlay } from '../../store/overlay';
import { engine, fork, move, returnToMain } from '../../store/session';
import { stepScript, togglePlay } from '../../store/transport';
import { openRoom, setView, type ThemeChoice, viewStore } from '../../store/view';
import type { Move } from '../../worker/protocol';
import type { Hotkey } from '../app/hotkeys';
import { pickFile } from '../files/pick';

export const GROUPS = ['Time', 'Session', 'Screen', 'Help'] as const;

/** Something a person can do, as data: menu, palette, shortcut sheet and keyboard all read this list. */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: (typeof GROUPS)[number];
  readonly icon: LucideIcon;
  readonly keys?: readonly Hotkey[];
  /** Possible now? Without it: always. */
  readonly when?: (state: EngineState) => boolean;
  readonly perform: () => void;
}

const standing = ({ status }: EngineState): boolean => status !== null;
const before = ({ status }: EngineState): boolean => status !== null && status.cursor > 0;
const after = ({ status }: EngineState): boolean => status !== null && status.cursor < status.length;
const forked = ({ status }: EngineState): boolean =>
  status !== null && (status.forked || status.scenario?.strayed === true);

const moving =
  (where: Move): (() => void) =>
  () =>
    void move(where);
const over = (overlay: Overlay) => () => openOverlay(overlay);
const theme = (choice: ThemeChoice) => () => setView({ theme: choice });

const toggleConsole = (): void => setView({ consoleOpen: !viewStore.getState().consoleOpen });

export const COMMANDS: readonly Command[] = [
  {
    id: 'next',
    title: 'Next step',
    group: 'Time',
    icon: SkipForward,
    keys: ['ArrowRight', 'PageDown'],
    when: standing,
    perform: () => void stepScript(1),
  },
  {
    id: 'previous',
    title: 'Previous step',
    group: 'Time',
    icon: SkipBack,
    keys: ['ArrowLeft', 'PageUp'],
    when: standing,
    perform: () => void stepScript(-1),
  },
  {
    id: 'play',
    title: 'Play or pause',
    group: 'Time',
    icon: Play,
    keys: [' '],
    when: standing,
    perform: togglePlay,
  },
  {
    id: 'step',
    title: 'One change on',
    group: 'Time',
    icon: StepForward,
    keys: ['.'],
    when: after,
    perform: moving({ to: 'step', by: 1 }),
  },
  {
    id: 'back',
    title: 'One change back',
    group: 'Time',
    icon: StepBack,
    keys: [','],
    when: before,
    perform: moving({ to: 'step', by: -1 }),
  },
  {
    id: 'over',
    title: 'Over this call',
    group: 'Time',
    icon: SkipForward,
    keys: ['o'],
    when: after,
    perform: moving({ to: 'over', by: 1 }),
  },
  {
    id: 'into',
    title: 'Into the next call',
    group: 'Time',
    icon: ArrowDownToLine,
    keys: ['i'],
    when: after,
    perform: moving({ to: 'into' }),
  },
  {
    id: 'out',
    title: 'Out of this call',
    group: 'Time',
    icon: ArrowUpFromLine,
    keys: ['u'],
    when: after,
    perform: moving({ to: 'out' }),
  },
  {
    id: 'fault',
    title: 'To the next fault',
    group: 'Time',
    icon: OctagonAlert,
    keys: ['f'],
    when: after,
    perform: moving({ to: 'fault', by: 1 }),
  },
  {
    id: 'fault-back',
    title: 'To the fault before',
    group: 'Time',
    icon: OctagonAlert,
    keys: ['Shift+F'],
    when: before,
    perform: moving({ to: 'fault', by: -1 }),
  },
  {
    id: 'fork',
    title: 'What if? Branch off here',
    group: 'Time',
    icon: GitFork,
    keys: ['w'],
    when: (state) => standing(state) && !state.status?.forked,
    perform: () => void fork(),
  },
  {
    id: 'return',
    title: 'Return to the script',
    group: 'Time',
    icon: Undo2,
    keys: ['r'],
    when: forked,
    perform: () => void returnToMain(),
  },
  {
    id: 'scenarios',
    title: 'Choose a scenario',
    group: 'Session',
    icon: BookOpen,
    keys: ['s'],
    perform: over('scenarios'),
  },
  {
    id: 'edit',
    title: 'Edit the scenario',
    group: 'Session',
    icon: Pencil,
    keys: ['e'],
    when: ({ status }) => status?.scenario != null,
    perform: () => setView({ editing: true, presenting: false }),
  },
  {
    id: 'attacks',
    title: 'Attacks on every technology',
    group: 'Session',
    icon: Swords,
    keys: ['a'],
    perform: () => openRoom('attacks'),
  },
  {
    id: 'compare',
    title: 'Compare technologies side by side',
    group: 'Session',
    icon: Columns3,
    keys: ['c'],
    when: (state) => comparable(state) !== null,
    perform: () => openRoom(`compare/${comparable(engineStore.getState())}`),
  },
  {
    id: 'game',
    title: 'Be the attacker: a game against Alice',
    group: 'Session',
    icon: VenetianMask,
    when: standing,
    perform: () => {
      setView({ editing: false, presenting: false });
      const technology = engineStore.getState().status?.config.technology ?? 'off';
      void startGame(technology === 'off' ? 'sme' : technology);
    },
  },
  {
    id: 'machine',
    title: 'Change the machine',
    group: 'Session',
    icon: Cpu,
    keys: ['m'],
    when: standing,
    perform: over('machine'),
  },
  {
    id: 'file',
    title: 'Open or place a file',
    group: 'Session',
    icon: FileInput,
    keys: ['Mod+O'],
    when: standing,
    perform: () => void pickFile(),
  },
  {
    id: 'share',
    title: 'Share this moment',
    group: 'Session',
    icon: Share2,
    keys: ['Mod+Shift+S'],
    when: standing,
    perform: over('share'),
  },
  {
    id: 'palette',
    title: 'Search for anything',
    group: 'Screen',
    icon: Search,
    keys: ['Mod+K'],
    perform: over('palette'),
  },
  {
    id: 'console',
    title: 'Console',
    group: 'Screen',
    icon: Terminal,
    keys: ['~', '`', 'Mod+`'],
    perform: toggleConsole,
  },
  {
    id: 'present',
    title: 'Present: only the stage',
    group: 'Screen',
    icon: Presentation,
    keys: ['p'],
    perform: () => setView({ presenting: !viewStore.getState().presenting }),
  },
  {
    id: 'blank',
    title: 'Blank the screen',
    group: 'Screen',
    icon: MonitorOff,
    keys: ['b'],
    perform: () => setView({ blanked: true }),
  },
  { id: 'theme-dark', title: 'Theme: dark', group: 'Screen', icon: Moon, perform: theme('dark') },
  { id: 'theme-light', title: 'Theme: light', group: 'Screen', icon: Sun, perform: theme('light') },
  {
    id: 'theme-projector',
    title: 'Theme: projector',
    group: 'Screen',
    icon: Presentation,
    perform: theme('projector'),
  },
  {
    id: 'theme-system',
    title: 'Theme: as the system',
    group: 'Screen',
    icon: SunMoon,
    perform: theme('system'),
  },
  {
    id: 'notices',
    title: 'What was said',
    group: 'Help',
    icon: MessageSquareWarning,
    perform: over('notices'),
  },
  {
    id: 'sources',
    title: 'Sources of all rules',
    group: 'Help',
    icon: Library,
    perform: over('sources'),
  },
  {
    id: 'shortcuts',
    title: 'Keyboard shortcuts',
    group: 'Help',
    icon: Keyboard,
    keys: ['?'],
    perform: over('shortcuts'),
  },
  {
    id: 'console-help',
    title: 'What the console understands',
    group: 'Help',
    icon: CircleHelp,
    perform: () => {
      setView({ consoleOpen: true });
      void enter('help', engine);
    },
  },
];

export const commandById = (id: string): Command => {
  const found = COMMANDS.find((command) => command.id === id);
  if (!found) throw new Error(`No command "${id}"`);
  return found;
};

/** In a room the machine is out of sight, and stands still. */
const inSight = ({ group }: Command): boolean => group !== 'Time' || viewStore.getState().room === null;

export const possible = (command: Command, state: EngineState = engineStore.getState()): boolean =>
  inSight(command) && (command.when?.(state) ?? true);
