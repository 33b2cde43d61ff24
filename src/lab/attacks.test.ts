import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TECHNOLOGIES } from '../engine/core/config';
import { PROMISED } from '../engine/core/lamps';
import { Player } from '../history/player';
import { ATTACK_IDS } from '../scenario/attacks';
import { ATTACK_CHECKS } from '../scenario/checks';
import { machineOf } from '../scenario/machine';
import { parseScenario } from '../scenario/parse';
import type { Scenario } from '../scenario/schema';
import type { OutcomeWord } from './attempt';
import { compute, plan } from './matrix';

const folder = new URL('../scenario/attacks/', import.meta.url);
const SUFFIX = '.scenario.yaml';
const PUBLISHED = new URL('../../../shared/vectors/attacks.json', import.meta.url);

const promised: readonly string[] = PROMISED;

interface Published {
  readonly id: string;
  readonly tier: number;
  readonly year: number;
  readonly cve: readonly string[];
  readonly violatesAll: readonly string[];
  readonly blockedBy: { readonly 'SEV-SNP+mitigation'?: object } & Readonly<Record<string, object>>;
  readonly outcomes: Readonly<Record<string, OutcomeWord | Readonly<Record<string, OutcomeWord>>>>;
}

const published: ReadonlyMap<string, Published> = new Map(
  existsSync(PUBLISHED)
    ? (JSON.parse(readFileSync(PUBLISHED, 'utf8')) as Published[]).map((each) => [each.id, each])
    : [],
);

function read(id: string): Scenario {
  const parsed = parseScenario(readFileSync(new URL(id + SUFFIX, folder), 'utf8'), id + SUFFIX);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return parsed.scenario;
}

it('lists every file of its folder', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  expect([...ATTACK_IDS].sort()).toEqual(files.map((name) => name.slice(0, -SUFFIX.length)).sort());
});

describe.each(ATTACK_IDS)('%s', (id) => {
  const scenario = read(id);
  const cells = plan(id, scenario).map((cell) => ({ ...cell, ...compute(scenario, cell) }));

  it('says itself to be an attack, asks a question, and meets its expectations at home', () => {
    expect(scenario.attack).toBeDefined();
    expect(scenario.steps.some((step) => step.predict)).toBe(true);
    const player = Player.start(machineOf(scenario), scenario);
    expect(player.goToStep(scenario.steps.length)).toEqual({ ok: true });
    expect(scenario.steps.flatMap((_, n) => player.failures(n + 1))).toEqual([]);
  });

  it.skipIf(published.size === 0)(
    'comes to what the literature says, on each level and with each mitigation',
    () => {
      const { outcomes } = published.get(id)!;
      const { 'SEV-SNP+mitigation': mitigated, ...levels } = outcomes;
      const wanted = { ...levels, ...(mitigated as Record<string, OutcomeWord>) };
      expect(Object.fromEntries(cells.map(({ column, outcome }) => [column, outcome]))).toEqual(wanted);
    },
  );

  it('turns one of its lamps red where it works on an encrypted guest, and none where it is blocked', () => {
    for (const { column, variant, outcome, lamps } of cells) {
      if (TECHNOLOGIES.indexOf(variant.technology) < TECHNOLOGIES.indexOf('sev')) continue;
      const broken = lamps.filter((lamp) => promised.includes(lamp));
      const red = broken.filter((lamp) => scenario.attack?.violates.includes(lamp));
      if (outcome === 'works') expect(red, column).not.toEqual([]);
      if (outcome === 'blocked') expect(broken, column).toEqual([]);
    }
  });

  it('names the check that stopped it', () => {
    for (const { column, outcome, check } of cells)
      if (outcome === 'blocked') expect(check, column).not.toBeNull();
  });

  it.skipIf(published.size === 0)('names the check that the literature names, where it names one', () => {
    const { 'SEV-SNP+mitigation': mitigated, ...levels } = published.get(id)!.blockedBy;
    const named = { ...levels, ...mitigated } as Readonly<Record<string, { readonly check: string }>>;
    for (const { column, check } of cells) {
      const wanted = named[column]?.check;
      if (check !== null && wanted !== undefined && wanted in ATTACK_CHECKS)
        expect(`${column}: ${check}`).toBe(`${column}: ${wanted}`);
    }
  });
});
