import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Action, DEFINITIONS } from '../../engine/actions';
import { PAGE_SIZE } from '../../engine/core/address';
import type { Json } from '../../engine/core/json';
import { actionFrom } from '../../engine/testing/arbitrary';
import { start } from './game';
import { GOALS } from './goals';
import { goingOn } from './goingOn';
import { SANDBOX_LEVELS, type SandboxLevel } from './levels';
import { mayDo, type Role } from './roles';
import { gpaOf, PLACE_NAMES, setUpOf, VICTIM } from './setUp';
import { judge } from './verdict';
import { type Board, boardOf, wayTo } from './ways';

/** Moves in all; a full run takes SANDBOX_MOVES=10000. */
const MOVES = Number(process.env.SANDBOX_MOVES ?? 300);
const SEED = Number(process.env.FUZZ_SEED ?? 20_260);
/** Moves of one game: then it begins anew, since whoever stops Alice has nothing more to win. */
const PLAY = 50;

const one = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const deed = (fields: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Action> =>
  fc.record(fields).map((args) => args as Action);

/** Moves that know where things lie, as somebody would make who has read all hints. */
function aimed({ level, spa }: Board): fc.Arbitrary<Action>[] {
  const lies = PLACE_NAMES.map(spa);
  const at = one<Json>(...lies, ...lies, 0x80000, 0x81000, 4 * 2 ** 20, 5 * 2 ** 20);
  const gpa = one<Json>(...PLACE_NAMES.map((name) => gpaOf(level, name)));
  const guest = one<Json>(VICTIM);
  const length = one<Json>(16, 64, PAGE_SIZE);
  const c = one<Json>('0', '1', 'mapped');
  const data = fc
    .uint8Array({ minLength: 16, maxLength: 32 })
    .map((bytes): Json => `hex:${Buffer.from(bytes).toString('hex')}`);
  const assigned = { type: one<Json>('host.rmpupdate'), at, gpa };
  return [
    deed({ type: one('host.read', 'device.read', 'probe.read'), at, length }),
    deed({ type: one('host.write', 'device.write'), at, data }),
    deed({ type: one('host.copy'), from: at, to: at, length, c, adjust: fc.boolean() }),
    deed({ type: one('host.copy'), from: at, to: at, length, c }),
    deed({ type: one('host.remap'), guest, gpa, to: at }),
    deed({ type: one('host.remap'), guest, gpa, to: at, present: fc.boolean(), flush: fc.boolean() }),
    deed({ type: one('xen.move-page'), guest, gpa, to: at }),
    deed({ type: one('host.compare'), at, with: at, length: one(16), guess: one('PIN=4711, secret') }),
    deed({ ...assigned, assigned: one(true), guest }),
    deed({ type: assigned.type, at, assigned: one(false) }),
    deed({ type: one('host.nested-c'), guest, gpa, c: fc.boolean() }),
  ];
}

/** What a role can do, aimed and not, and Alice going on between. */
function movesOf(board: Board, role: Role): fc.Arbitrary<Action> {
  const types = DEFINITIONS.map(({ type }) => type).filter((type) => mayDo(role, type));
  const alice = goingOn(board.level).map(({ action }) => action);
  const well = aimed(board).map((arbitrary) => arbitrary.filter(({ type }) => mayDo(role, type)));
  return fc.oneof(
    { weight: 4, arbitrary: one(...alice) },
    { weight: 2, arbitrary: actionFrom(types) },
    ...(role === 'hypervisor' ? well : well.slice(0, 2)).map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

/** What has a way somewhere is tried everywhere, with other moves before and behind it. */
function storiesOf(board: Board, role: Role): Action[][] {
  const ways = SANDBOX_LEVELS.flatMap((level) => GOALS.flatMap((goal) => wayTo(goal, role, level) ?? []));
  return [...new Set(ways)].map((way) => {
    const moves = way(board);
    const story: Action[] = [];
    const anything = { hex: '00'.repeat(16) };
    for (let next = moves.next(anything); !next.done; next = moves.next(anything)) story.push(next.value);
    return story;
  });
}

/** Plays at random, game after game on one machine; what was reached first, and how. Null: nothing was. */
function playAtRandom(level: SandboxLevel, role: Role, moves: number): object | null {
  const player = start(level);
  const { session } = player;
  const board = boardOf(session.machine, level)!;
  const part = fc.oneof(
    { weight: 9, arbitrary: movesOf(board, role).map((move) => [move]) },
    { weight: 1, arbitrary: one(...storiesOf(board, role)) },
  );
  const game = fc
    .array(part, { minLength: PLAY, maxLength: PLAY, size: 'max' })
    .map((parts) => parts.flat().slice(0, PLAY));
  const games = fc.sample(game, { numRuns: Math.ceil(moves / PLAY), seed: SEED });
  for (const actions of games) {
    session.seekAction(setUpOf(level).length - 1, 'end');
    for (const action of actions) session.performNow(action);
    const verdict = judge(player, role);
    expect(verdict).toMatchObject({ level, moves: PLAY, foul: null });
    const [reached] = verdict?.reached ?? [];
    if (reached) return { ...reached, moves: actions.slice(0, reached.move) };
  }
  return null;
}

describe(`random play of ${MOVES} moves`, () => {
  it.each(['hypervisor', 'device'] as const)(
    'never reaches a goal as the %s on SEV-SNP, hardened',
    (role) => {
      expect(playAtRandom('sev-snp-hardened', role, MOVES)).toBeNull();
    },
    1_800_000,
  );

  it('reaches some on SEV-ES, so that it would be noticed', () => {
    expect(playAtRandom('sev-es', 'hypervisor', MOVES)).not.toBeNull();
  });
});
