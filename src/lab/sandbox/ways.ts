import type { Action } from '../../engine/actions';
import { PAGE_SIZE } from '../../engine/core/address';
import type { Json } from '../../engine/core/json';
import type { Platform } from '../../engine/core/platform';
import { domainNamed } from '../../engine/xen/domain';
import { frameAt } from '../../engine/xen/frames';
import type { Goal } from './goals';
import { type GoingOn, goingOn, YOUR_CODE } from './goingOn';
import { type Hints, noWay, WAY_HINTS } from './hints';
import { SANDBOX_LEVELS, type SandboxLevel } from './levels';
import type { Role } from './roles';
import { gpaOf, PIN, type PlaceName, VICTIM } from './setUp';

/** A way to a goal: a list of moves, each yielded when the result of the one before is known. */
export type Way = (board: Board) => Generator<Action, void, Record<string, Json>>;

/** Where things lie in a game. */
export interface Board {
  readonly level: SandboxLevel;
  readonly spa: (place: PlaceName) => number;
}

/** A page of Xen’s that is nobody’s, to keep things in, and one to which a page can be moved. */
const SCRATCH = 512 * 1024;
const ELSEWHERE = 4 * 1024 * 1024;

const BLOCK = 16;

/** Where Alice’s pages lie at this moment, by Xen’s list of her frames. */
export function boardOf(p: Platform, level: SandboxLevel): Board | null {
  const domain = domainNamed(p, VICTIM);
  if (!domain.ok) return null;
  const { frames } = domain.value;
  return {
    level,
    spa: (place) => (frameAt(frames, gpaOf(level, place) / PAGE_SIZE) ?? 0) * PAGE_SIZE,
  };
}

const go = ({ level }: Board, wanted: GoingOn['id']): Action =>
  goingOn(level).find(({ id }) => id === wanted)!.action;

const remap = ({ level, spa }: Board, from: PlaceName, to: PlaceName): Action => ({
  type: 'host.remap',
  guest: VICTIM,
  gpa: gpaOf(level, from),
  to: spa(to),
});

function* readPlain({ spa }: Board): ReturnType<Way> {
  yield { type: 'host.read', at: spa('pin'), length: BLOCK };
}

/** SEVered: another page stands where the served one was. */
function* serveTheSecret(board: Board): ReturnType<Way> {
  yield remap(board, 'greeting', 'pin');
  yield go(board, 'visit');
}

/** Heracles: the firmware moves the PIN away and the guess to its place. */
function* moveTheGuess(board: Board): ReturnType<Way> {
  const { level, spa } = board;
  const move = (place: PlaceName, to: number): Action => ({
    type: 'xen.move-page',
    guest: VICTIM,
    gpa: gpaOf(level, place),
    to,
  });
  const home = spa('pin');
  yield { type: 'host.copy', from: home, to: SCRATCH, length: BLOCK, c: '0' };
  yield move('pin', ELSEWHERE);
  yield { ...go(board, 'mail'), data: PIN };
  yield move('inbox', home);
  yield { type: 'host.compare', at: home, with: SCRATCH, guess: PIN };
}

function* replay(board: Board): ReturnType<Way> {
  const account = board.spa('account');
  yield { type: 'host.copy', from: account, to: SCRATCH, length: BLOCK };
  yield go(board, 'spend');
  yield { type: 'host.copy', from: SCRATCH, to: account, length: BLOCK };
  yield go(board, 'look');
}

function* replayByDevice(board: Board): ReturnType<Way> {
  const at = board.spa('account');
  const { hex } = yield { type: 'device.read', at, length: BLOCK };
  yield go(board, 'spend');
  yield { type: 'device.write', at, data: `hex:${hex}` };
  yield go(board, 'look');
}

/** What lies in a cache hides what lies in the DRAM. */
function* replayByProbe(board: Board): ReturnType<Way> {
  const at = board.spa('account');
  const { hex } = yield { type: 'probe.read', at, length: BLOCK };
  yield go(board, 'spend');
  yield { type: 'probe.write', at, data: `hex:${hex}` };
  yield go(board, 'work');
  yield go(board, 'look');
}

function* writeCode(board: Board): ReturnType<Way> {
  yield { type: 'host.write', at: board.spa('program'), data: YOUR_CODE };
  yield go(board, 'run');
}

function* runTheMail(board: Board): ReturnType<Way> {
  yield go(board, 'mail');
  yield remap(board, 'program', 'inbox');
  yield go(board, 'run');
}

const MOVES = {
  readPlain,
  serveTheSecret,
  moveTheGuess,
  replay,
  replayByDevice,
  replayByProbe,
  writeCode,
  runTheMail,
} as const satisfies Record<keyof typeof WAY_HINTS, Way>;

interface Known {
  readonly goal: Goal;
  readonly role: Role;
  readonly levels: readonly SandboxLevel[];
  readonly way: keyof typeof MOVES;
}

const WITHOUT_RMP = ['sme', 'sev', 'sev-es'] as const;

const WAYS: readonly Known[] = [
  { goal: 'pin', role: 'hypervisor', levels: ['sme'], way: 'readPlain' },
  { goal: 'pin', role: 'hypervisor', levels: ['sev', 'sev-es'], way: 'serveTheSecret' },
  { goal: 'pin', role: 'hypervisor', levels: ['sev-snp'], way: 'moveTheGuess' },
  { goal: 'balance', role: 'hypervisor', levels: WITHOUT_RMP, way: 'replay' },
  { goal: 'balance', role: 'device', levels: WITHOUT_RMP, way: 'replayByDevice' },
  { goal: 'balance', role: 'probe', levels: SANDBOX_LEVELS, way: 'replayByProbe' },
  { goal: 'code', role: 'hypervisor', levels: ['sme'], way: 'writeCode' },
  { goal: 'code', role: 'hypervisor', levels: ['sev', 'sev-es'], way: 'runTheMail' },
];

const known = (goal: Goal, role: Role, level: SandboxLevel): Known['way'] | null =>
  WAYS.find((each) => each.goal === goal && each.role === role && each.levels.includes(level))?.way ?? null;

/** A way that is known to lead there; null: none is. */
export function wayTo(goal: Goal, role: Role, level: SandboxLevel): Way | null {
  const way = known(goal, role, level);
  return way && MOVES[way];
}

export function hintsTo(goal: Goal, role: Role, level: SandboxLevel): Hints {
  const way = known(goal, role, level);
  return way ? WAY_HINTS[way] : noWay(goal, role, level);
}
