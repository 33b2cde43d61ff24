import { describe, expect, it } from 'vitest';
import { Bench } from '../testing/bench';
import { createGuest } from '../testing/guests';

const AT = 2 ** 21;

/** Frames of the second and third thing that Alice wrote, and her core. */
function guests(): { bench: Bench; a: number; b: number; gpa: number; core: number } {
  const bench = new Bench({ memory: 2 ** 23 });
  bench.done(createGuest('alice'));
  const [a, b] = ['first', 'second'].map((data) =>
    Number(bench.done({ type: 'guest.write', guest: 'alice', data }).at),
  );
  if (!a || !b) throw new Error('no pages');
  return { bench, a, b, gpa: a % 2 ** 20, core: bench.domain('alice').core };
}

const text = (bench: Bench, at: number, length = 6) =>
  bench.done({ type: 'guest.read', guest: 'alice', at, length }).text;

describe('translations', () => {
  it('are used without a look at the tables until they are flushed', () => {
    const { bench, a, b, gpa, core } = guests();
    expect(text(bench, a)).toBe('first·');
    bench.done({ type: 'host.remap', guest: 'alice', gpa, to: bench.spaOf('alice', b), flush: false });
    expect(text(bench, a)).toBe('first·');
    bench.done({ type: 'cpu.tlb-flush', core, asid: 2, at: a });
    expect(text(bench, a)).toBe('second');
  });

  it('stay stale in the host until INVLPG, too', () => {
    const bench = new Bench({ technology: 'sme', sme: 'partial' });
    const mapped = () =>
      [...(bench.state.tlbs[0]?.values() ?? [])].find(({ page, size }) => AT >= page && AT < page + size)?.c;
    bench.done({ type: 'host.read', at: AT });
    bench.done({ type: 'host.set-c', at: AT, c: true, flush: 'none' });
    bench.done({ type: 'host.read', at: AT });
    expect(mapped()).toBe(false);
    expect(bench.done({ type: 'cpu.tlb-flush', core: 0, at: AT })).toEqual({ entries: 1 });
    bench.done({ type: 'host.read', at: AT });
    expect(mapped()).toBe(true);
  });

  it('are tagged with the ASID: a flush of another one, and other guests, leave them alone', () => {
    const { bench, a, core } = guests();
    text(bench, a);
    const count = () => [...(bench.state.tlbs[core]?.values() ?? [])].filter(({ asid }) => asid === 2).length;
    const before = count();
    expect(before).toBeGreaterThan(0);
    bench.done({ type: 'cpu.tlb-flush', core, asid: 3 });
    bench.done({ type: 'host.read', at: AT, core });
    expect(count()).toBe(before);
    bench.done({ type: 'cpu.tlb-flush', core, asid: 2 });
    expect(count()).toBe(0);
  });

  it.each([
    [0, 'first·'],
    [1, 'second'],
    [3, 'second'],
    [7, 'second'],
  ])('with TLB_CONTROL %i at VMRUN the next read gives %j', (value, expected) => {
    const { bench, a, b, gpa } = guests();
    text(bench, a);
    bench.done({ type: 'host.remap', guest: 'alice', gpa, to: bench.spaOf('alice', b), flush: false });
    bench.done({ type: 'host.vmcb', guest: 'alice', field: 'tlbControl', value });
    expect(text(bench, a)).toBe(expected);
  });

  it('are as large as the smaller of both pages', () => {
    const bench = new Bench({ memory: 2 ** 29 });
    for (const memory of [128, 131]) {
      const guest = `g${memory}`;
      bench.done(createGuest(guest, memory));
      bench.done({ type: 'guest.write', guest, data: 'x' });
      const { core, asid } = bench.domain(guest);
      const sizes = [...(bench.state.tlbs[core]?.values() ?? [])]
        .filter((entry) => entry.asid === asid)
        .map(({ size }) => size);
      expect(sizes.at(-1)).toBe(memory === 128 ? 2 ** 21 : 4096);
    }
  });

  it.each([true, false])(
    'serve nobody after their guest, whoever gets its ASID next (encrypted: %s)',
    (sev) => {
      const bench = new Bench({ memory: 2 ** 23 });
      bench.done(createGuest('alice', 1, sev));
      const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'a secret' });
      const { core, asid } = bench.domain('alice');
      const [spa, held] = [bench.spaOf('alice', Number(at)), bench.state.tlbs[core]];
      const stale = () =>
        [...(held?.values() ?? [])].filter((entry) => entry.asid === asid && entry.target === spa);
      expect(stale().length).toBe(1);
      bench.done({ type: 'xl.destroy', guest: 'alice' });
      let bob = bench.done(createGuest('bob', 2, sev));
      for (let i = 0; bob.asid !== asid || bench.domain('bob').core !== core; i++) {
        bench.done({ type: 'xl.destroy', guest: 'bob' });
        bob = bench.done(createGuest('bob', 2, sev));
        if (i > 8) throw new Error('nobody gets this ASID on this core again');
      }
      expect(stale()).toEqual([]);
    },
  );
});
