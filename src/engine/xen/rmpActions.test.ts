import { describe, expect, it } from 'vitest';
import type { Json } from '../core/json';
import { pageState } from '../rmp/pageState';
import { readEntry } from '../rmp/table';
import { Bench } from '../testing/bench';

const MIB = 2 ** 20;
const FREE = 8 * MIB;
const LARGE = 10 * MIB;
const RMP = 14 * MIB;

const snp = () => new Bench({ technology: 'sev-snp', generation: 'turin' });
const update = (at: number, more: Record<string, Json> = {}) => ({
  type: 'host.rmpupdate',
  at,
  assigned: true,
  asid: 3,
  gpa: 0x4000,
  ...more,
});

/** Name of the fault and the rule that decided. */
function refusal(bench: Bench, action: { type: string } & Record<string, Json>): readonly [string, string] {
  const outcome = bench.perform(action);
  if (outcome.ok) throw new Error('it was done');
  return [outcome.fault.name, outcome.fault.rule.id];
}

describe('host.rmpupdate', () => {
  it('gives a page to an ASID, to a guest by name, to the firmware, and takes it back', () => {
    const bench = snp();
    bench.done({ type: 'xl.create', config: 'alice.cfg' });
    const { asid } = bench.domain('alice');
    expect(bench.done(update(FREE))).toEqual({ eax: 0 });
    expect(readEntry(bench.machine, FREE)).toMatchObject({ assigned: true, asid: 3, gpa: 0x4000 });
    bench.done({ type: 'host.rmpupdate', at: FREE + 4096, assigned: true, guest: 'alice', gpa: 0x5000 });
    expect(readEntry(bench.machine, FREE + 4096)).toMatchObject({ asid, gpa: 0x5000 });
    bench.done({ type: 'host.rmpupdate', at: FREE + 8192, assigned: true, immutable: true });
    expect(pageState(readEntry(bench.machine, FREE + 8192))).toBe('Firmware');
    bench.done({ type: 'host.rmpupdate', at: FREE, assigned: false });
    expect(pageState(readEntry(bench.machine, FREE))).toBe('Hypervisor');
    expect(bench.spans).toContainEqual(expect.objectContaining({ actor: 'xen', name: 'RMPUPDATE' }));
  });

  it('is refused by the check that decided, under the name of its code', () => {
    const bench = snp();
    bench.done({ type: 'xl.create', config: 'alice.cfg' });
    bench.done({ type: 'host.vmrun', guest: 'alice' });
    const vmcb = bench.domain('alice').vmcbs[0] ?? 0;
    bench.done(update(LARGE, { size: '2M', gpa: 0 }));
    bench.done(update(FREE));
    const rows = [
      [update(FREE + 4096, { size: '2M', gpa: 0 }), 'FAIL_INPUT', 'rmpupdate.aligned'],
      [update(2 ** 40), 'FAIL_INPUT', 'rmpupdate.input'],
      [update(FREE, { assigned: false }), 'FAIL_INPUT', 'rmpupdate.unassigned'],
      [update(RMP), 'FAIL_PERMISSION', 'rmpupdate.immutable'],
      [update(vmcb), 'FAIL_INUSE', 'rmpupdate.in-use'],
      [update(LARGE + 4096), 'FAIL_OVERLAP', 'rmpupdate.overlap'],
      [update(FREE, { size: '2M', gpa: 0 }), 'FAIL_OVERLAP', 'rmpupdate.overlap'],
      [update(FREE + 1), 'refused', 'rmp.page-aligned'],
    ] as const;
    for (const [action, ...expected] of rows) expect(refusal(bench, action)).toEqual(expected);
  });

  it('does not exist without SNP', () => {
    const bench = new Bench({ technology: 'sev-es' });
    expect(bench.refused(update(FREE))).toBe('rmp.not-enabled');
  });
});

describe('host.psmash and host.rmpread', () => {
  it('split a large page, and tell what became of it', () => {
    const bench = snp();
    bench.done(update(LARGE, { size: '2M', gpa: 0 }));
    expect(bench.done({ type: 'host.psmash', at: LARGE })).toEqual({ eax: 0 });
    expect(bench.done({ type: 'host.rmpread', at: LARGE + 4096 })).toMatchObject({
      gpa: 4096,
      asid: 3,
      assigned: true,
      large: false,
    });
    expect(refusal(bench, { type: 'host.psmash', at: LARGE })).toEqual(['FAIL_BADADDR', 'psmash.large']);
    expect(refusal(bench, { type: 'host.psmash', at: LARGE + 4096 })).toEqual(['FAIL_INPUT', 'psmash.input']);
  });

  it('RMPREAD is Turin’s', () => {
    const bench = new Bench({ technology: 'sev-snp', generation: 'milan' });
    expect(refusal(bench, { type: 'host.rmpread', at: FREE })).toEqual(['#UD', 'rmpread.exists']);
  });
});
