import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { attackCardOf } from './attackCards';
import { ATTACK_IDS } from './attacks';
import { DESCRIBED } from './attacks/described';
import { machineOf } from './machine';
import { parseScenario } from './parse';

// After a change of an attack, `npx vitest run src/scenario/attackCards.test.ts -u` writes the cards anew.

const folder = new URL('./attacks/', import.meta.url);

/** JSON as the formatter wants it: short lists on one line. */
const json = (value: unknown): string => {
  const text = JSON.stringify(value, null, 2);
  return `${text.replace(/\[\s+("[^[\]{}]*")\s+\]/g, (_, list: string) => `[${list.replace(/\s+/g, ' ')}]`)}\n`;
};

it('each attack has a card that is up to date', async () => {
  const cards = ATTACK_IDS.map((id) => {
    const parsed = parseScenario(readFileSync(new URL(`${id}.scenario.yaml`, folder), 'utf8'), id);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
    return attackCardOf(id, parsed.scenario, machineOf(parsed.scenario).technology);
  });
  await expect(json(cards)).toMatchFileSnapshot(new URL('cards.json', folder).pathname);
});

const LITERATURE = new URL('../../../shared/vectors/attacks.json', import.meta.url);

it.skipIf(!existsSync(LITERATURE))('tells every attack of tier 3, and none that is run', () => {
  const known = JSON.parse(readFileSync(LITERATURE, 'utf8')) as {
    id: string;
    tier: number;
    year: number;
    cve: string[];
    bulletins: string[];
  }[];
  const told = DESCRIBED.map(({ id }) => id);
  expect(told.filter((id) => ATTACK_IDS.includes(id))).toEqual([]);
  expect(told).toEqual(expect.arrayContaining(known.filter(({ tier }) => tier === 3).map(({ id }) => id)));
  for (const { id, year, cve, bulletins } of DESCRIBED)
    expect(known.find((each) => each.id === id)).toMatchObject({ year, cve, bulletins });
});
