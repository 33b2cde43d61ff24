import { describe, expect, it } from 'vitest';
import { loadScenario } from '../scenario/library';
import type { Scenario } from '../scenario/schema';
import { LockstepSide, type SideStep } from './lockstep';
import { looksRandom, type Parting, partingAt, partings } from './partings';
import { formatSide, parseSide, type Side, sideName } from './side';

const side = (text: string): Side => {
  const parsed = parseSide(text);
  if (!parsed) throw new Error(`no side: ${text}`);
  return parsed;
};

function play(scenario: Scenario, sides: readonly string[]): SideStep[][] {
  const machines = sides.map((text) => new LockstepSide(scenario, side(text)));
  return scenario.steps.map((_, i) => machines.map((machine) => machine.take(i + 1)));
}

async function attack(id: string): Promise<Scenario> {
  const scenario = await loadScenario(id);
  if (!scenario) throw new Error(`no scenario ${id}`);
  return scenario;
}

const first = (found: readonly Parting[], kind: Parting['kind']): Parting | undefined =>
  found.find((each) => each.kind === kind);

describe('a side in an address', () => {
  it.each(['sme', 'sev-snp', 'sev-snp~ciphertext-hiding', 'sev@genoa', 'sev-snp~x@turin:rmp.validated'])(
    '%s comes back',
    (text) => expect(formatSide(side(text))).toBe(text),
  );

  it.each(['', 'sevv', 'sev@zen', 'sev:rmp.covered', 'sev~', 'sev/snp', '<b>'])('%s is refused', (text) =>
    expect(parseSide(text)).toBeNull(),
  );

  it('is named by what makes it another machine', () => {
    expect(sideName(side('sev-snp@genoa:rmp.reverse-map'))).toBe('SEV-SNP on Genoa without Reverse-Map');
  });
});

const replayed = play(await attack('ciphertext-replay'), ['sev', 'sev-es', 'sev-snp']);

describe('ciphertext replay on SEV, SEV-ES and SEV-SNP', () => {
  const rows = replayed;
  const found = partings(rows);

  it('parts where SEV-SNP refuses the write, and says by which check', () => {
    const script = first(found, 'script');
    expect(script).toMatchObject({ step: 3, check: { side: 2, name: 'RMP-HOST-WRITE' } });
    expect(script?.groups.map(({ sides }) => sides)).toEqual([[0, 1], [2]]);
    expect(script?.groups[1]?.says).toContain('#PF by RMP-HOST-WRITE');
    expect(found[0]?.step).toBe(3);
  });

  it('parts in what Alice reads at once, and in the lamps when she reads it', () => {
    expect(first(found, 'bytes')?.groups.map(({ says }) => says)).toEqual([
      'Alice reads “balance=1000 EUR”',
      'Alice reads “balance=0010 EUR”',
    ]);
    expect(first(found, 'lamps')).toMatchObject({ step: 4 });
  });

  it('does not take keys and ciphertext for a difference', () => {
    const [sev, es] = rows[0] ?? [];
    expect(sev?.watched?.seenByXen).not.toEqual(es?.watched?.seenByGuest);
    expect(partings(rows.map((row) => row.slice(0, 2)))).toEqual([]);
  });
});

it('shows what a check is good for: without it, replay works on SEV-SNP', async () => {
  const rows = play(await attack('ciphertext-replay'), ['sev-snp', 'sev-snp:rmp.hypervisor-owned']);
  expect(rows.at(-1)?.map(({ aim }) => aim?.reached)).toEqual([false, true]);
  expect(first(partings(rows), 'script')).toMatchObject({
    step: 3,
    check: { side: 0, rule: 'rmp.hypervisor-owned' },
  });
});

it('leaves out a guard of the firmware, too', async () => {
  const fixed = 'sev-snp~page-swap-disable';
  const rows = play(await attack('heracles-page-move'), [fixed, `${fixed}:asp.snp-policy-swap`]);
  const reached = rows.map((row) => row.map(({ aim }) => aim?.reached));
  expect(reached.some(([, without]) => without)).toBe(true);
  expect(first(partings(rows), 'script')?.check).toMatchObject({ side: 0, rule: 'asp.snp-policy-swap' });
});

it('names the check that the guest’s own look meets', async () => {
  const rows = play(await attack('gpa-double-map'), ['sev', 'sev-snp']);
  expect(first(partings(rows), 'bytes')).toMatchObject({ step: 2, check: { side: 1, name: 'RMP-GPA' } });
});

it('finds nothing between a machine and itself', async () => {
  const rows = play(await attack('npt-remap-severed'), ['sev-snp', 'sev-snp']);
  expect(partings(rows)).toEqual([]);
});

it('says what is not applicable, and does not compare it', async () => {
  const scenario = await attack('ciphertext-replay');
  const only = {
    ...scenario,
    steps: scenario.steps.map((step, i) => (i === 1 ? { ...step, tech: ['sev-snp' as const] } : step)),
  };
  const rows = play(only, ['sev', 'sev-snp']);
  expect(rows[1]?.map(({ state }) => state)).toEqual(['absent', 'taken']);
  expect(rows[1]?.[0]?.why).toContain('not applicable');
  expect(partingAt('script', rows, 2)).toBeNull();
});

it('stops one side alone where its script goes no further', async () => {
  const scenario = await attack('ciphertext-replay');
  const broken = {
    ...scenario,
    steps: scenario.steps.map((step, i) =>
      i === 2 ? { ...step, do: [{ type: 'guest.read', guest: 'nobody', at: 'nobody:x', length: 1 }] } : step,
    ),
  };
  const rows = play(broken, ['sev', 'sev-snp']);
  expect(rows.map((row) => row[0]?.state)).toEqual(['taken', 'taken', 'stuck', 'stuck']);
  expect(rows[2]?.[0]?.why).toContain('nobody');
});

it('knows noise from text and from zeros', () => {
  expect(looksRandom(new TextEncoder().encode('balance=1000 EUR'))).toBe(false);
  expect(looksRandom(new Uint8Array(16))).toBe(false);
  expect(looksRandom(Uint8Array.from({ length: 16 }, (_, n) => (n * 37 + 131) % 256))).toBe(true);
});
