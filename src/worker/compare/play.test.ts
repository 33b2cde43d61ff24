import { expect, it } from 'vitest';
import { pageOwner } from '../../engine/core/page';
import { parseSide } from '../../lab/side';
import { loadScenario } from '../../scenario/library';
import { playSides } from './play';
import { comparedScript } from './script';

const sides = ['sev', 'sev-snp'].flatMap((text) => parseSide(text) ?? []);

it('goes in lockstep, tells the pages of every machine, and what the attack came to at the end', async () => {
  const scenario = await loadScenario('ciphertext-replay');
  if (!scenario) throw new Error('the scenario is missing');
  const { steps, attack } = comparedScript('ciphertext-replay', scenario);
  expect(attack?.from).toBe('sme');
  const told = [...playSides(scenario, sides)];
  expect(told.map(({ step, side }) => `${step} ${side.technology}`)).toEqual(
    Array.from({ length: steps.length + 1 }, (_, step) =>
      sides.map((side) => `${step} ${side.technology}`),
    ).flat(),
  );
  expect(told.slice(-2).map(({ outcome }) => outcome?.outcome)).toEqual(['works', 'blocked']);
  expect(told.slice(0, -2).every(({ outcome }) => outcome === null)).toBe(true);
  for (const { side, step, record, patch, guests } of told) {
    if (step === 0) expect(patch.length).toBeGreaterThan(0);
    if (step !== 1) continue;
    const at = [...patch].findIndex((pfn, i) => i % 2 === 0 && pfn === record?.watched?.pfn);
    expect(pageOwner(patch[at + 1] ?? 0), side.technology).toBeGreaterThan(0);
    expect(guests.map(({ name }) => name)).toContain('alice');
  }
});
