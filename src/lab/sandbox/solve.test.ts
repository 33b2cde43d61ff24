import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { start } from './game';
import { GOAL_FACTS, GOALS, type Goal } from './goals';
import { goingOn } from './goingOn';
import { LEVELS, SANDBOX_LEVELS, type SandboxLevel } from './levels';
import { ROLES } from './roles';
import { levelPlayed } from './setUp';
import { playWay } from './testing/play';
import { judge } from './verdict';
import { hintsTo, wayTo } from './ways';

const cells = SANDBOX_LEVELS.flatMap((level) =>
  ROLES.flatMap((role) => GOALS.map((goal) => ({ level, role, goal }))),
);
const known = cells.filter(({ goal, role, level }) => wayTo(goal, role, level) !== null);

describe('a known way', () => {
  it.each(known)('leads to the goal $goal by the $role on $level, and not before its last move', (cell) => {
    const { role, goal } = cell;
    const player = playWay(cell, (so) => expect(judge(so, role)?.reached).toEqual([]));
    const verdict = judge(player, role)!;
    expect(verdict.foul).toBeNull();
    expect(verdict.reached.map((each) => [each.goal, each.move])).toEqual([[goal, verdict.moves]]);
    const broken = player.lamps.at(player.session.length).filter(({ violated }) => violated);
    expect(broken.map(({ name }) => name)).toContain(GOAL_FACTS[goal].lamp);
    expect(Object.values(hintsTo(goal, role, cell.level)).join(' ')).not.toContain('No way');
  });
});

const PUBLISHED = new URL('../../../../shared/vectors/attacks.json', import.meta.url);
const published: { id: string; outcomes: Record<string, string | Record<string, string>> }[] = existsSync(
  PUBLISHED,
)
  ? JSON.parse(readFileSync(PUBLISHED, 'utf8'))
  : [];

/** The attacks of the literature that the hypervisor’s ways are made after. */
const MODELS: Readonly<Record<Goal, readonly string[]>> = {
  pin: ['npt-remap-severed', 'heracles-page-move'],
  balance: ['ciphertext-replay'],
  code: ['du-xe-chosen-plaintext'],
};
const COLUMNS: Readonly<Record<Exclude<SandboxLevel, 'sev-snp-hardened'>, string>> = {
  sme: 'SME',
  sev: 'SEV',
  'sev-es': 'SEV-ES',
  'sev-snp': 'SEV-SNP',
};

describe.skipIf(published.length === 0)('the hypervisor has a way where the matrix has one', () => {
  it.each(GOALS)('%s', (goal) => {
    const models = published.filter(({ id }) => MODELS[goal].includes(id));
    expect(models).toHaveLength(MODELS[goal].length);
    for (const [level, column] of Object.entries(COLUMNS))
      expect(wayTo(goal, 'hypervisor', level as SandboxLevel) !== null, column).toBe(
        models.some(({ outcomes }) => outcomes[column] === 'works'),
      );
    const mitigated = models.flatMap(({ outcomes }) => Object.values(outcomes['SEV-SNP+mitigation'] ?? {}));
    expect(wayTo(goal, 'hypervisor', 'sev-snp-hardened') !== null).toBe(
      mitigated.some((word) => word === 'works'),
    );
  });
});

describe('Alice, left alone,', () => {
  it.each(SANDBOX_LEVELS)('does what she means to do on %s, and breaks no property', (level) => {
    const player = start(level);
    const { session, lamps } = player;
    expect(
      levelPlayed(
        session.config,
        session.actions.map(({ action }) => action),
      ),
    ).toBe(level);
    const going = goingOn(level);
    for (const { action } of [...going, ...going])
      expect(session.performNow(action), action.type).toMatchObject({ ok: true });
    const verdict = judge(player, 'device')!;
    expect(verdict).toMatchObject({ level, moves: going.length * 2, reached: [], foul: null });
    expect(lamps.at(session.length).filter(({ violated }) => violated)).toEqual([]);
    const { objects } = session.machine.state.need('guest', 1);
    expect(objects.map(({ name }) => name)).toEqual(expect.arrayContaining(['pin', 'inbox', 'till']));
    expect(objects.find(({ name }) => name === 'pin')?.address).toBe(
      0x7f00_0000_0000 + LEVELS[level].firstPage * 4096,
    );
  });
});

describe('the verdict', () => {
  it('counts nothing from a move on that is neither the role’s nor Alice’s', () => {
    const player = playWay({ level: 'sev-es', role: 'hypervisor', goal: 'balance' });
    expect(judge(player, 'device')).toMatchObject({ reached: [], foul: { move: 1, type: 'host.copy' } });
    const { session } = player;
    session.performNow({ type: 'owner.session', config: 'alice.cfg' });
    expect(judge(player, 'hypervisor')).toMatchObject({
      reached: [{ goal: 'balance', move: 4 }],
      foul: { move: 5, type: 'owner.session' },
    });
  });

  it('takes no PIN for a find that the person put in', () => {
    const player = start('sev-snp-hardened');
    const mail = goingOn('sev-snp-hardened').find(({ id }) => id === 'mail')!;
    player.session.performNow({ ...mail.action, data: 'PIN=4711, secret' });
    player.session.performNow({ type: 'host.write', at: 0x80000, data: 'PIN=4711, secret' });
    player.session.performNow({ type: 'host.read', at: 0x80000, length: 16 });
    expect(judge(player, 'hypervisor')).toMatchObject({ moves: 3, reached: [], foul: null });
  });

  it('goes back with the cursor', () => {
    const player = playWay({ level: 'sev', role: 'hypervisor', goal: 'balance' });
    const { session } = player;
    session.seekAction(session.actions.length - 2, 'end');
    expect(judge(player, 'hypervisor')).toMatchObject({ moves: 3, length: 4, reached: [] });
    session.seek(0);
    expect(judge(player, 'hypervisor')).toBeNull();
  });
});
