import { describe, expect, it } from 'vitest';
import { Bench } from '../testing/bench';
import { ran } from '../testing/programs';
import { ibsOf } from './ibs';

const TWO_CALLS = 'call one\ncall two\nhlt\none: nop\nret\ntwo: nop\nnop\nnop\nret';

function guest(features = 0): { readonly bench: Bench; readonly core: number } {
  const bench = new Bench({ technology: 'sev-snp' });
  const extra = `memory=1 sev_features=0x${features.toString(16)}`;
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra });
  const { core } = bench.domain('alice');
  bench.done({ type: 'guest.program', guest: 'alice', text: TWO_CALLS });
  return { bench, core };
}

const enter = (bench: Bench, core: number) => bench.perform({ type: 'host.vmrun', guest: 'alice', core });

describe('a core that samples', () => {
  it('tells how far the returns of a guest are apart, and nothing else', () => {
    const { bench, core } = guest();
    bench.done({ type: 'cpu.ibs', core, on: true });
    bench.done({ type: 'guest.continue', guest: 'alice' });
    expect(bench.done({ type: 'cpu.ibs', core, on: false })).toEqual({ distances: [4] });
  });

  it('tells nothing while it is off, and begins anew when it is switched on', () => {
    const { bench, core } = guest();
    bench.done({ type: 'guest.step', guest: 'alice', count: 4 });
    expect(ibsOf(bench.machine, core).distances).toEqual([]);
    bench.done({ type: 'cpu.ibs', core, on: true });
    bench.done({ type: 'guest.continue', guest: 'alice' });
    expect(ibsOf(bench.machine, core)).toMatchObject({ on: true, distances: [] });
    ran(bench, 'alice', TWO_CALLS);
    expect(ibsOf(bench.machine, core).distances).toHaveLength(2);
    bench.done({ type: 'cpu.ibs', core, on: true });
    expect(ibsOf(bench.machine, core)).toEqual({ on: true, last: null, distances: [] });
  });

  it('keeps no more samples than there is room for', () => {
    const { bench, core } = guest();
    bench.done({ type: 'cpu.ibs', core, on: true });
    const loop = 'mov rcx, 300\nagain: call one\ndec rcx\njne again\nhlt\none: ret';
    ran(bench, 'alice', loop);
    expect(ibsOf(bench.machine, core).distances).toHaveLength(256);
  });

  it('samples no more after a reset', () => {
    const { bench, core } = guest();
    bench.done({ type: 'cpu.ibs', core, on: true, keep: 'nothing' });
    bench.done({ type: 'machine.reset' });
    expect(bench.state.cell('ibs', core)).toBe(null);
    expect(bench.state.cell('profiles')).toBe(null);
  });
});

describe('VMRUN with PreventHostIBS', () => {
  it('fails while the host samples on that core, until it samples no more', () => {
    const { bench, core } = guest(0x40);
    bench.done({ type: 'cpu.ibs', core, on: true });
    expect(enter(bench, core)).toMatchObject({
      fault: { name: 'VMEXIT_INVALID', rule: { id: 'vmrun.host-ibs' } },
    });
    expect(bench.perform({ type: 'guest.continue', guest: 'alice' }).ok).toBe(false);
    expect(bench.done({ type: 'cpu.ibs', core, on: false })).toEqual({ distances: [] });
    expect(enter(bench, core).ok).toBe(true);
  });

  it('asks about its own core alone', () => {
    const { bench, core } = guest(0x40);
    bench.done({ type: 'host.vmexit', core });
    bench.done({ type: 'cpu.ibs', core: core === 0 ? 1 : 0, on: true });
    expect(enter(bench, core).ok).toBe(true);
  });

  it('is the guest’s to ask for: without it VMRUN goes through', () => {
    const { bench, core } = guest();
    bench.done({ type: 'cpu.ibs', core, on: true });
    expect(enter(bench, core).ok).toBe(true);
  });
});
