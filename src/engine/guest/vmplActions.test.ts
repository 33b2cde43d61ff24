import { describe, expect, it } from 'vitest';
import { GUEST_BASE, LARGE_PAGE_SIZE } from '../core/address';
import { permissionsOf } from '../rmp/permissions';
import { authoritative } from '../rmp/table';
import { Bench } from '../testing/bench';

/** Alice with SNP, and a page of hers. */
function alice(extra = 'memory=1', machine = {}) {
  const bench = new Bench({ technology: 'sev-snp', generation: 'turin', ...machine });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra });
  const at = Number(bench.done({ type: 'guest.write', guest: 'alice', data: 'a letter', name: 'letter' }).at);
  const entry = (gva = at) => authoritative(bench.machine, bench.spaOf('alice', gva));
  return { bench, at, entry };
}

const rmpadjust = { type: 'guest.rmpadjust', guest: 'alice' };
const rmpquery = { type: 'guest.rmpquery', guest: 'alice' };

describe('RMPADJUST by a guest’s kernel', () => {
  it('gives a VMPL what it is told, and RMPQUERY reads it back', () => {
    const { bench, at, entry } = alice();
    expect(bench.done({ ...rmpadjust, at, vmpl: 2, read: true, supervisor: true })).toEqual({ eax: 0 });
    expect([1, 2, 3].map((vmpl) => permissionsOf(entry() ?? never(), vmpl))).toEqual([0, 0b1001, 0]);
    expect(bench.done({ ...rmpquery, at, vmpl: 2 })).toEqual({
      eax: 0,
      read: true,
      write: false,
      executeUser: false,
      executeSupervisor: true,
      shadowStack: false,
      vmsa: false,
      size: '4K',
    });
  });

  it.each([
    [{ vmpl: 0 }, 'rmpadjust.lower', 'FAIL_PERMISSION'],
    [{ vmpl: 4 }, 'rmpadjust.exists', 'FAIL_INPUT'],
    [{ vmpl: 2, size: '2M' }, 'rmp.guest-aligned', 'FAIL_INPUT'],
  ])('%j is refused with the code of the instruction', (operands, rule, code) => {
    const { bench, at } = alice();
    const outcome = bench.perform({ ...rmpadjust, at, ...operands });
    expect(outcome.ok ? null : [outcome.fault.rule.id, outcome.fault.name]).toEqual([rule, code]);
  });

  it('of a page that is not the guest’s is a nested page fault', () => {
    const { bench, at } = alice();
    bench.done({ type: 'host.rmpupdate', at: bench.spaOf('alice', at), assigned: false });
    expect(bench.refused({ ...rmpadjust, at, vmpl: 2 })).toBe('rmp.guest-owned');
    expect(bench.state.need('core', bench.domain('alice').core).domain).toBeNull();
  });

  it('of 4 KiB inside 2 MiB has Xen split the page, and is executed again', () => {
    const { bench, entry } = alice('memory=64', { memory: 2 ** 28 });
    const at = GUEST_BASE + 2 * LARGE_PAGE_SIZE + 4096;
    expect(entry(at)?.large).toBe(true);
    expect(bench.done({ ...rmpadjust, at, vmpl: 1, read: true })).toEqual({ eax: 0 });
    expect(entry(at)).toMatchObject({ large: false, validated: true });
    expect([entry(at), entry(at + 4096)].map((each) => permissionsOf(each ?? never(), 1))).toEqual([1, 0]);
  });

  it('is undefined outside SNP, and RMPQUERY before Genoa', () => {
    const es = new Bench({ technology: 'sev-es' });
    es.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    expect(es.refused({ ...rmpadjust, at: GUEST_BASE, vmpl: 1 })).toBe('rmp.guest-mode');
    const milan = new Bench({ technology: 'sev-snp', generation: 'milan' });
    milan.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    expect(milan.refused({ ...rmpquery, at: GUEST_BASE, vmpl: 1 })).toBe('rmpquery.exists');
  });
});

function never(): never {
  throw new Error('no entry');
}
