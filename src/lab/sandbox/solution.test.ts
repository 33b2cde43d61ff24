import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Player } from '../../history/player';
import { machineOf } from '../../scenario/machine';
import { parseScenario } from '../../scenario/parse';
import { start } from './game';
import { GOALS } from './goals';
import { SANDBOX_LEVELS } from './levels';
import { ROLES } from './roles';
import { solutionOf } from './solution';
import { playWay } from './testing/play';
import { judge } from './verdict';
import { wayTo } from './ways';

const known = SANDBOX_LEVELS.flatMap((level) =>
  ROLES.flatMap((role) =>
    GOALS.filter((goal) => wayTo(goal, role, level)).map((goal) => ({ level, role, goal })),
  ),
);

it.each(known)('$goal by the $role on $level is a scenario file that anybody can open and follow', (cell) => {
  const { role } = cell;
  const player = playWay(cell);
  const text = stringify(solutionOf(player, role));
  const parsed = parseScenario(text, 'mine.scenario.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  const again = Player.start(machineOf(parsed.scenario), parsed.scenario);
  const { length } = again.steps;
  expect(again.goToStep(length)).toEqual({ ok: true });
  expect(again.steps.flatMap((_, n) => again.failures(n + 1))).toEqual([]);
  expect(again.session.digest()).toBe(player.session.digest());
  expect(judge(again, role)).toEqual(judge(player, role));
});

it('keeps a game of any length', () => {
  const player = start('sev', 7);
  for (let n = 0; n < 200; n++) player.session.performNow({ type: 'host.read', at: 4096 * n, length: 16 });
  const scenario = solutionOf(player, 'hypervisor')!;
  const parsed = parseScenario(stringify(scenario), 'mine.scenario.yaml');
  expect(parsed.ok).toBe(true);
  expect(scenario.steps.slice(1).flatMap((step) => step.do ?? [])).toHaveLength(200);
  expect(scenario.machine?.seed).toBe(7);
});
