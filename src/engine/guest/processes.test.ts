import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../core/address';
import type { Technology } from '../core/config';
import { ControlFlow } from '../properties/controlFlow';
import { Integrity } from '../properties/integrity';
import { Bench } from '../testing/bench';

const AT = 0x400000;

/** Alice with two vCPUs on one core: process `one` on the first, `two` on the second, each with a page of its own at 4 MiB. */
function shared(technology: Technology): Bench {
  const bench = new Bench({ technology });
  const guest = 'alice';
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1\nvcpus=2' });
  bench.done({ type: 'guest.program', guest, text: 'hlt' });
  bench.done({ type: 'guest.start-ap', guest, vcpu: 1 });
  for (const [vcpu, process] of ['one', 'two'].entries()) {
    bench.done({ type: 'guest.process', guest, process, at: AT, data: `page of ${process}` });
    bench.done({ type: 'guest.switch', guest, process, vcpu });
  }
  bench.done({ type: 'xen.pin', guest, vcpu: 1, core: bench.domain(guest).core });
  return bench;
}

const read = (bench: Bench, vcpu: number, at = AT, length = 11) =>
  bench.done({ type: 'guest.read', guest: 'alice', at, length, vcpu }).text;

const own = (bench: Bench, name: string): number =>
  bench.state.need('guest', bench.domain('alice').id).objects.find((each) => each.name === name)?.address ??
  0;

const held = (bench: Bench): boolean => {
  const { core, asid } = bench.domain('alice');
  return [...(bench.state.tlbs[core]?.values() ?? [])].some(
    (entry) => entry.asid === asid && entry.page === AT,
  );
};

function broken({ changes }: Bench): boolean[] {
  return [new Integrity(), new ControlFlow()].map((monitor) => {
    for (const [index, change] of changes.entries()) monitor.fold(change, index);
    return monitor.violations.length > 0;
  });
}

describe.each(['off', 'sev', 'sev-es', 'sev-snp'] as const)('processes of a guest, %s', (technology) => {
  it('have pages of their own at one address, and the kernel’s memory', () => {
    const bench = shared(technology);
    for (const turn of [0, 1, 0, 1, 1]) {
      expect(read(bench, turn)).toBe(`page of ${['one', 'two'][turn]}`);
      expect(read(bench, turn, own(bench, 'two'))).toBe('page of two');
    }
    bench.done({ type: 'guest.write', guest: 'alice', at: AT + 8, data: 'me', vcpu: 1 });
    expect(read(bench, 0, own(bench, 'two'), 10)).toBe('page of me');
    expect(read(bench, 0)).toBe('page of one');
    expect(broken(bench)).toEqual([false, false]);
  });
});

describe('a switch', () => {
  it('loads CR3 and drops what the core has under the ASID; the next entry has the same CR3', () => {
    const bench = shared('sev-es');
    read(bench, 0);
    expect(held(bench)).toBe(true);
    bench.done({ type: 'guest.switch', guest: 'alice', process: 'two' });
    expect(held(bench)).toBe(false);
    expect(read(bench, 0)).toBe('page of two');
    bench.done({ type: 'host.vmexit', core: bench.domain('alice').core });
    expect(read(bench, 0)).toBe('page of two');
  });

  it('needs a process, and a page needs an address below the kernel that is not taken', () => {
    const bench = shared('sev');
    const guest = 'alice';
    expect(bench.refused({ type: 'guest.switch', guest, process: 'three' })).toBe('guest.no-process');
    const give = (at: number) =>
      bench.refused({ type: 'guest.process', guest, process: 'one', at, data: '.' });
    expect(give(AT + 1)).toBe('guest.process-half');
    expect(give(2 ** 39)).toBe('guest.process-half');
    bench.done({ type: 'guest.process', guest, process: 'one', at: AT + PAGE_SIZE, data: 'behind' });
    expect(read(bench, 0, AT + PAGE_SIZE, 6)).toBe('behind');
  });
});

describe('a flush that Xen withholds', () => {
  const poisoned = (technology: Technology, on: boolean): Bench => {
    const bench = shared(technology);
    read(bench, 1);
    read(bench, 0);
    bench.done({ type: 'xen.withhold-flush', guest: 'alice', on: true });
    if (!on) bench.done({ type: 'xen.withhold-flush', guest: 'alice', on: false });
    return bench;
  };

  it.each(['sev', 'sev-es'] as const)('leaves another process’s page to a vCPU, %s', (technology) => {
    const bench = poisoned(technology, true);
    expect(read(bench, 1)).toBe('page of one');
    expect(broken(bench)).toEqual([true, false]);
    bench.done({ type: 'guest.write', guest: 'alice', at: AT, data: 'PAGE', vcpu: 1 });
    expect(read(bench, 1, own(bench, 'one'))).toBe('PAGE of one');
  });

  it('changes nothing once it is given again', () => {
    const bench = poisoned('sev-es', false);
    expect(read(bench, 1)).toBe('page of two');
    expect(broken(bench)).toEqual([false, false]);
  });

  it('is made by the processor itself with SEV-SNP, there and back, though both have run on this core', () => {
    const bench = poisoned('sev-snp', true);
    for (const turn of [1, 0, 1, 0]) expect(read(bench, turn)).toBe(`page of ${['one', 'two'][turn]}`);
    expect(broken(bench)).toEqual([false, false]);
  });

  it('is what runs another process’s code', () => {
    const bench = poisoned('sev-es', true);
    expect(bench.perform({ type: 'guest.run', guest: 'alice', at: AT, vcpu: 1 }).ok).toBe(false);
    expect(broken(bench)).toEqual([true, true]);
  });
});

it('a vCPU that is pinned leaves the core where it was; the first one takes the domain along', () => {
  const bench = new Bench({ technology: 'sev-es' });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  const at = Number(bench.done({ type: 'guest.write', guest: 'alice', data: 'a note' }).at);
  const { core, id } = bench.domain('alice');
  bench.done({ type: 'xen.pin', guest: 'alice', core: core + 1 });
  expect(bench.state.need('core', core).domain).toBeNull();
  expect(bench.done({ type: 'guest.read', guest: 'alice', at, length: 6 }).text).toBe('a note');
  expect(bench.state.need('core', core + 1).domain).toBe(id);
  expect(bench.refused({ type: 'xen.pin', guest: 'alice', core: 4096 - 1 })).toBe('cpu.no-core');
});
