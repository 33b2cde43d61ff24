import { describe, expect, it } from 'vitest';
import { Bench } from '../testing/bench';
import { allocators } from './asid';

const two = (part = {}) => {
  const bench = new Bench(part);
  for (const name of ['alice', 'bob'])
    bench.done({ type: 'xl.create', config: `${name}.cfg`, extra: 'memory=1 vcpus=2' });
  return bench;
};
const schedule = (bench: Bench, guest: string, vcpu: number, core: number) =>
  bench.done({ type: 'xen.schedule', guest, vcpu, core }).asid;

describe('vCPUs on cores', () => {
  it('keep their domain’s ASID under the proposal, wherever they run', () => {
    const bench = two();
    const asids = [0, 1, 0, 1].map((vcpu, i) => schedule(bench, 'alice', vcpu, i % 3));
    expect(new Set(asids)).toEqual(new Set([bench.domain('alice').asid]));
  });

  it('get another number at each switch today, while the proposal’s is only counted', () => {
    const bench = two({ xen: 'upstream' });
    const asids = [0, 1, 2].map((n) => schedule(bench, n % 2 ? 'bob' : 'alice', 0, 1));
    expect(new Set(asids).size).toBe(3);
    const { today, proposed } = allocators(bench.machine);
    expect(today.counters.generations).toBeGreaterThan(proposed.counters.generations);
    expect(today.counters.vmruns).toBe(proposed.counters.vmruns);
  });

  it('have no memory key under today’s Xen, whatever the file asks for', () => {
    const bench = two({ xen: 'upstream' });
    expect(bench.domain('alice')).toMatchObject({ sev: false, handle: null });
    expect(bench.state.cell('driver')).toBe(null);
  });
});

describe('the driver of the secure processor', () => {
  it('shuts the platform down and starts it again, and no guest is created between', () => {
    const bench = new Bench();
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    expect(bench.refused({ type: 'xen.asp', to: 'stop' })).toBe('xen.asp-in-use');
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    bench.perform({ type: 'xen.asp', to: 'stop' });
    expect(bench.state.need('platform').sev).toBe('UNINIT');
    expect(bench.refused({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' })).toMatch(
      /^xen\.create/,
    );
    bench.done({ type: 'xen.asp', to: 'start' });
    expect(bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' }).sev).toBe(true);
  });

  it('gives a secure processor up that does not answer', () => {
    const bench = new Bench();
    bench.done({ type: 'asp.hang' });
    expect(bench.refused({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' })).toBe(
      'xen.asp-timeout',
    );
    expect(bench.state.need('driver').state).toBe('dead');
  });
});
