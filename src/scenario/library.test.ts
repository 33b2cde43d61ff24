import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROMISED } from '../engine/core/lamps';
import { Player } from '../history/player';
import { cardOf } from './cards';
import { loadScenario, SCENARIO_IDS } from './library';
import { machineOf } from './machine';
import { parseScenario } from './parse';
import type { Scenario } from './schema';

// After a change of the library, `npx vitest run src/scenario/library.test.ts -u` writes the cards and the digests anew.

const folder = new URL('./library/', import.meta.url);
const SUFFIX = '.scenario.yaml';

function read(id: string): Scenario {
  const parsed = parseScenario(readFileSync(new URL(id + SUFFIX, folder), 'utf8'), id + SUFFIX);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return parsed.scenario;
}

/** JSON as the formatter wants it: short lists on one line. */
const json = (value: unknown): string => {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(/\[\s+("[^[\]]*")\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;
};
const path = (name: string): string => new URL(name, folder).pathname;

describe('the library', () => {
  it('lists every file of its folder', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
    expect([...SCENARIO_IDS].sort()).toEqual(files.map((name) => name.slice(0, -SUFFIX.length)).sort());
  });

  it('has a card of each that is up to date', async () => {
    const cards = SCENARIO_IDS.map((id) => cardOf(id, read(id), machineOf(read(id)).technology));
    await expect(json(cards)).toMatchFileSnapshot(path('cards.json'));
  });

  it('loads what the files say', async () => {
    for (const id of SCENARIO_IDS) expect(await loadScenario(id)).toEqual(read(id));
    expect(await loadScenario('no-such-scenario')).toBeNull();
    expect(await loadScenario('constructor')).toBeNull();
  });
});

describe.each(SCENARIO_IDS)('%s', (id) => {
  const scenario = read(id);
  const player = Player.start(machineOf(scenario), scenario);
  const results = scenario.steps.map(() => player.next());

  it('meets all its expectations, and each question has exactly one right answer', () => {
    const wrong = scenario.steps.flatMap(({ title }, n) =>
      player.failures(n + 1).map((why) => `${title}: ${why}`),
    );
    expect(results.filter((result) => !result.ok)).toEqual([]);
    expect(wrong).toEqual([]);
  });

  it('turns red the lamps that it says it breaks, and no other that is promised', () => {
    const red = player.lamps.at(player.session.length).filter(({ violated }) => violated);
    const promised = red.map(({ name }) => name).filter((name) => PROMISED.some((each) => each === name));
    expect(promised).toEqual(scenario.breaks ?? []);
  });

  it('expects what it takes for the right answer of each question', () => {
    for (const [n, { title, predict, expect: expected }] of scenario.steps.entries()) {
      const { when } = predict?.options[player.answer(n + 1).right ?? -1] ?? { when: [] };
      expect(expected ?? [], title).toEqual(expect.arrayContaining([when].flat()));
    }
  });

  it('asks at least one question, claims a row, and resolves where to look', () => {
    expect(scenario.steps.some((step) => step.predict)).toBe(true);
    expect(scenario.rows.length).toBeGreaterThan(0);
    for (const [n, { view }] of scenario.steps.entries()) {
      if (view?.page !== undefined) expect(player.view(n + 1)?.page, scenario.steps[n]?.title).not.toBeNull();
    }
  });
});

it('code-and-tables holds with every seed, also where the noise happens to be an instruction', () => {
  const scenario = read('code-and-tables');
  const ran = [1, 2, 3, 4, 5, 6, 542, 574].map((seed) => {
    const player = Player.start(machineOf(scenario, { seed }), scenario);
    const wrong = scenario.steps.flatMap((_, n) =>
      player.next().ok ? player.failures(n + 1) : ['not taken'],
    );
    expect(wrong, `seed ${seed}`).toEqual([]);
    return player.actionsOf(3)[0]?.outcome.ok;
  });
  // With two of these seeds the first byte of the noise is HLT.
  expect(ran.filter(Boolean)).toHaveLength(2);
});

it('every scenario ends in the same bytes as ever', async () => {
  const digests = SCENARIO_IDS.map((id) => {
    const scenario = read(id);
    const player = Player.start(machineOf(scenario), scenario);
    player.goToStep(scenario.steps.length);
    return [id, player.session.digest()];
  });
  await expect(json(Object.fromEntries(digests))).toMatchFileSnapshot(path('digests.json'));
});
