import { describe, expect, it } from 'vitest';
import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import type { Outcome } from '../core/fault';
import type { Json, JsonObject } from '../core/json';
import { PAGING_RULES } from '../memory/pageTable';
import type { RmpEntry } from '../rmp/entry';
import { rmpupdate } from '../rmp/instructions/rmpupdate';
import { packRecord } from '../rmp/record';
import { XEN } from '../rmp/testing/contexts';
import { type Bench, blocks } from '../testing/bench';
import { accepted, setEntry, snpGuest, snpMachine } from '../testing/snp';
import { EXIT } from './exits';
import { nestedFault } from './pageFaults';
import { readVmcb } from './vmcb';

const TEXT = 'sixteen letters.';

/** The name of what an action ended with, `allowed` without a fault. */
const end = (outcome: Outcome<Json>): string => (outcome.ok ? 'allowed' : outcome.fault.name);

/** Alice with a page of words, which no cache and no TLB holds. */
function withPage(bench = snpGuest()): { bench: Bench; at: number; spa: number; gpa: number; asid: number } {
  const at = Number(bench.done({ type: 'guest.write', guest: 'alice', data: TEXT }).at);
  const { asid, core } = bench.domain('alice');
  bench.done({ type: 'cpu.tlb-flush', core });
  return { bench, at, spa: bench.spaOf('alice', at), gpa: at - GUEST_BASE, asid };
}

const read = (bench: Bench, at: number) =>
  bench.perform({ type: 'guest.read', guest: 'alice', at, length: 16 });
const write = (bench: Bench, at: number, guest = 'alice') =>
  bench.perform({ type: 'guest.write', guest, at, data: TEXT });
const unassigned = {};

/** What the hypervisor finds in the VMCB. */
function exitOf(bench: Bench, guest = 'alice'): { code: number; info1: string; info2: number } {
  const vmcb = bench.domain(guest).vmcbs[0] ?? 0;
  const field = (name: 'exitCode' | 'exitInfo1' | 'exitInfo2') => readVmcb(bench.machine, 0, vmcb, name);
  return {
    code: Number(field('exitCode')),
    info1: `0x${field('exitInfo1').toString(16)}`,
    info2: Number(field('exitInfo2')),
  };
}

/** The last question to the table. */
function lastAsked(bench: Bench): JsonObject {
  const fact = bench.changes.findLast((change) => change.store === 'fact' && change.what === 'rmp');
  if (fact?.store !== 'fact') throw new Error('nobody has asked');
  return fact.data;
}

describe('the host', () => {
  it('writes only in its own pages, and the bytes stay (H-W); reads ciphertext (H-R)', () => {
    const { bench, spa } = withPage();
    const before = toHex(bench.dram(spa, 16));
    const outcome = bench.perform({ type: 'host.write', at: spa, data: TEXT });
    expect(outcome).toMatchObject({
      ok: false,
      fault: { name: '#PF', inputs: { check: 'Hypervisor-Owned', errorCode: 0x8000_0003, cr2: spa } },
    });
    expect(lastAsked(bench)).toMatchObject({ row: 'H-W', decided: 'Hypervisor-Owned', from: 'RMP' });
    expect(toHex(bench.dram(spa, 16))).toBe(before);
    expect(bench.done({ type: 'host.read', at: spa, length: 16 }).hex).toBe(before);
    expect(lastAsked(bench)).toMatchObject({ row: 'H-R', decided: 'allowed', from: 'nothing', entry: null });
  });

  it('is refused all of 2 MiB through its large mapping, and let into the next', () => {
    const { bench, spa } = withPage();
    const head = spa - (spa % LARGE_PAGE_SIZE);
    const own = Array.from({ length: 512 }, (_, i) => head + i * PAGE_SIZE).find(
      (page) => Math.abs(page - spa) >= 2 ** 20 && page !== spa,
    );
    expect(end(bench.perform({ type: 'host.write', at: own ?? 0, data: TEXT }))).toBe('#PF');
    expect(end(bench.perform({ type: 'host.write', at: head + 4 * LARGE_PAGE_SIZE, data: TEXT }))).toBe(
      'allowed',
    );
  });

  it('keeps a verdict in its TLB until RMPUPDATE changes any page of the 2 MiB', () => {
    const bench = snpMachine(['alice']);
    const at = 12 * LARGE_PAGE_SIZE;
    const put = () => bench.perform({ type: 'host.write', at, data: TEXT });
    expect(end(put())).toBe('allowed');
    expect(lastAsked(bench).from).toBe('RMP');
    expect(end(put())).toBe('allowed');
    expect(lastAsked(bench)).toMatchObject({ from: 'TLB', row: 'H-W' });
    const state = { gpa: 0, assigned: true, large: false, regionAssigned: false, immutable: false, asid: 9 };
    const neighbour = at + 7 * PAGE_SIZE;
    rmpupdate(bench.machine, { spa: neighbour, state: packRecord(state) }, XEN);
    expect(end(put())).toBe('#PF');
    rmpupdate(
      bench.machine,
      { spa: neighbour, state: packRecord({ ...state, assigned: false, asid: 0 }) },
      XEN,
    );
    expect(end(put())).toBe('allowed');
  });

  it('reads first and writes later: what was allowed to be read is not allowed to be written', () => {
    const { bench, spa } = withPage();
    bench.done({ type: 'host.read', at: spa, length: 16 });
    expect(end(bench.perform({ type: 'host.write', at: spa, data: TEXT }))).toBe('#PF');
  });

  it('cannot write the table, which lies in pages of the firmware', () => {
    const bench = snpMachine(['alice']);
    const { base } = bench.state.need('rmp');
    const before = toHex(bench.dram(base + 0x4000, 64));
    expect(end(bench.perform({ type: 'host.write', at: base + 0x4000, data: TEXT }))).toBe('#PF');
    expect(toHex(bench.dram(base + 0x4000, 64))).toBe(before);
    expect(end(bench.perform({ type: 'host.read', at: base + 0x4000, length: 64 }))).toBe('allowed');
  });

  it('reaches nothing through a table in a page that is not its own', () => {
    const bench = snpMachine(['alice']);
    setEntry(bench, bench.state.need('xen').hostRoot, { assigned: true, asid: 9 });
    bench.done({ type: 'cpu.tlb-flush', core: 0 });
    expect(end(bench.perform({ type: 'host.read', at: 2 ** 20, length: 16 }))).toBe('#PF');
    expect(lastAsked(bench)).toMatchObject({ row: 'H-W', access: { kind: 'walk' } });
  });
});

describe('a guest without SNP', () => {
  it.each(['alice', 'bob'] as const)(
    '%s reads any page (N-R) and writes only the hypervisor’s (N-W)',
    (guest) => {
      const bench = snpMachine([guest]);
      const at = Number(bench.done({ type: 'guest.write', guest, data: TEXT }).at);
      expect(lastAsked(bench)).toMatchObject({ row: 'N-W', decided: 'allowed' });
      setEntry(bench, bench.spaOf(guest, at), { assigned: true, asid: 9, gpa: 0 });
      expect(bench.done({ type: 'guest.read', guest, at, length: 16 }).text).toBe(TEXT);
      expect(lastAsked(bench)).toMatchObject({ row: 'N-R', decided: 'allowed' });
      expect(end(write(bench, at, guest))).toBe('#NPF');
      expect(exitOf(bench, guest)).toEqual({ code: EXIT.NPF, info1: '0x180000007', info2: at - GUEST_BASE });
    },
  );

  it('has its page tables in the hypervisor’s pages, for reads, too', () => {
    const bench = snpMachine(['bob']);
    const at = Number(bench.done({ type: 'guest.write', guest: 'bob', data: TEXT }).at);
    setEntry(bench, bench.spaOf('bob', GUEST_BASE + PAGE_SIZE), { assigned: true, asid: 9, gpa: 0 });
    bench.done({ type: 'cpu.tlb-flush', core: bench.domain('bob').core });
    expect(end(bench.perform({ type: 'guest.read', guest: 'bob', at, length: 16 }))).toBe('#NPF');
    expect(exitOf(bench, 'bob').info1).toBe('0x280000007');
    expect(lastAsked(bench)).toMatchObject({ row: 'N-W', access: { kind: 'update' } });
  });
});

describe('an SNP guest, C = 1 (S-D1)', () => {
  type Row = [string, (own: RmpEntry) => Partial<RmpEntry>, string, string, string | null];
  it.each<Row>([
    ['accepted', (own) => own, 'allowed', 'allowed', null],
    ['nobody’s', () => unassigned, '#NPF', 'Guest-Owned', '0x580000005'],
    ['another guest’s', (own) => ({ ...own, asid: 9 }), '#NPF', 'Guest-Owned', '0x580000005'],
    [
      'for another GPA',
      (own) => ({ ...own, gpa: own.gpa + PAGE_SIZE }),
      '#NPF',
      'Reverse-Map',
      '0x580000005',
    ],
    ['immutable', (own) => ({ ...own, immutable: true }), '#NPF', 'Mutable', '0x580000005'],
    ['not validated', (own) => ({ ...own, validated: false }), '#VC', 'Validated', null],
    [
      'not validated and for another GPA',
      (own) => ({ ...own, validated: false, gpa: 0 }),
      '#NPF',
      'Reverse-Map',
      '0x580000005',
    ],
    ['closed to this VMPL', (own) => ({ ...own, permissions: 0 }), '#NPF', 'VMPL', '0x1580000005'],
    [
      'closed and not validated',
      (own) => ({ ...own, permissions: 0, validated: false }),
      '#VC',
      'Validated',
      null,
    ],
  ])('reads a page that is %s', (_, entry, ends, decided, info1) => {
    const { bench, at, spa, gpa, asid } = withPage();
    setEntry(bench, spa, entry(accepted(asid, gpa)));
    const outcome = read(bench, at);
    expect(end(outcome)).toBe(ends);
    expect(lastAsked(bench)).toMatchObject({ row: 'S-D1', spa, decided, from: 'RMP' });
    const { core } = bench.domain('alice');
    if (info1) {
      expect(exitOf(bench)).toEqual({ code: EXIT.NPF, info1, info2: gpa });
      expect(bench.state.need('core', core).domain).toBe(null);
    } else expect(bench.state.need('core', core).domain).toBe(bench.domain('alice').id);
    if (ends === '#VC') expect(outcome).toMatchObject({ fault: { inputs: { errorCode: 0x404, cr2: at } } });
    const seen = bench.perform({ type: 'guest.write', guest: 'alice', at, data: TEXT });
    expect(end(seen)).toBe(ends);
    setEntry(bench, spa, accepted(asid, gpa));
    expect(bench.done({ type: 'guest.read', guest: 'alice', at, length: 16 }).text).toBe(TEXT);
  });

  it('a page that nobody covers is not its own', () => {
    const { bench, at } = withPage();
    bench.machine.trace.patch('rmp', 0, { end: bench.state.need('rmp').base + 0x4000 - 1 });
    expect(end(read(bench, at))).not.toBe('allowed');
  });

  it('an unmapped GPA: ENC tells the hypervisor that it was private (AMDESE/AMDSEV issue 219)', () => {
    const nowhere = { rule: PAGING_RULES.notPresent, level: 1, raw: 0n };
    const infos = [true, false].map(
      (enc) => nestedFault(0x7000, nowhere, 'read', { table: false, enc })?.inputs.exitInfo1,
    );
    expect(infos).toEqual([0x5_0000_0004, 0x1_0000_0004]);
  });

  it('another page of the same guest under this GPA: the remapping attack ends with Reverse-Map', () => {
    const { bench, at, gpa } = withPage();
    const other = Number(bench.done({ type: 'guest.write', guest: 'alice', data: 'another page....' }).at);
    bench.done({ type: 'host.remap', guest: 'alice', gpa, to: bench.spaOf('alice', other) });
    expect(end(read(bench, at))).toBe('#NPF');
    expect(lastAsked(bench).decided).toBe('Reverse-Map');
  });

  it('a second page for the same GPA that the guest has never accepted is #VC', () => {
    const { bench, at, gpa, asid } = withPage();
    const spa = 14 * LARGE_PAGE_SIZE;
    setEntry(bench, spa, accepted(asid, gpa, { validated: false }));
    bench.done({ type: 'host.remap', guest: 'alice', gpa, to: spa });
    expect(end(read(bench, at))).toBe('#VC');
  });
});

describe('an SNP guest, C = 0', () => {
  it('reads its own page as ciphertext unchecked (S-R0), and writes only the hypervisor’s (S-W0)', () => {
    const { bench, at, spa, gpa } = withPage();
    bench.done({ type: 'guest.set-c', guest: 'alice', at, c: false });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at, length: 16 }).hex).toBe(
      toHex(bench.dram(spa, 16)),
    );
    expect(lastAsked(bench)).toMatchObject({ row: 'S-R0', decided: 'allowed' });
    expect(end(write(bench, at))).toBe('#NPF');
    expect(exitOf(bench)).toEqual({ code: EXIT.NPF, info1: '0x180000007', info2: gpa });
    setEntry(bench, spa, unassigned);
    expect(end(write(bench, at))).toBe('allowed');
    expect(lastAsked(bench)).toMatchObject({ row: 'S-W0', decided: 'allowed' });
    expect(toHex(bench.dram(spa, 16))).toBe(toHex(blocks(TEXT)));
  });
});

describe('an SNP guest fetches and walks (S-F)', () => {
  it('runs code only in its own page, whatever C says', () => {
    const { bench, at, spa, gpa, asid } = withPage();
    bench.done({ type: 'guest.code', guest: 'alice', at });
    const run = () => bench.perform({ type: 'guest.run', guest: 'alice', at });
    expect(run()).toMatchObject({ ok: true, value: { eax: 142 } });
    setEntry(bench, spa, unassigned);
    expect(end(run())).toBe('#NPF');
    expect(exitOf(bench).info1).toBe('0x580000015');
    setEntry(bench, spa, accepted(asid, gpa, { permissions: 0x7 }));
    expect(end(run())).toBe('#NPF');
    expect(exitOf(bench).info1).toBe('0x1580000015');
    expect(end(read(bench, at))).toBe('allowed');
    setEntry(bench, spa, accepted(asid, gpa, { validated: false }));
    expect(end(run())).toBe('#VC');
  });

  it('what was read is not what may be fetched: a TLB entry keeps each verdict', () => {
    const { bench, at, spa, gpa, asid } = withPage();
    bench.done({ type: 'guest.code', guest: 'alice', at });
    setEntry(bench, spa, accepted(asid, gpa, { permissions: 0x8 }));
    expect(bench.perform({ type: 'guest.run', guest: 'alice', at })).toMatchObject({ ok: true });
    expect(end(read(bench, at))).toBe('#NPF');
    setEntry(bench, spa, accepted(asid, gpa, { permissions: 0x1 }));
    expect(end(read(bench, at))).toBe('allowed');
    expect(end(write(bench, at))).toBe('#NPF');
  });

  it('its page tables must be its own', () => {
    const { bench, at } = withPage();
    const table = bench.spaOf('alice', GUEST_BASE + PAGE_SIZE);
    setEntry(bench, table, unassigned);
    expect(end(read(bench, at))).toBe('#NPF');
    expect(exitOf(bench)).toMatchObject({ info1: '0x680000005' });
    expect(lastAsked(bench)).toMatchObject({ row: 'S-F', spa: expect.any(Number), access: { kind: 'walk' } });
  });
});

describe('VMPLs', () => {
  it('a verdict holds for the VMPL that asked', () => {
    const { bench, at, spa, gpa, asid } = withPage();
    expect(end(read(bench, at))).toBe('allowed');
    const { core } = bench.domain('alice');
    const tables = bench.state.need('guest', bench.domain('alice').id).tablePages;
    for (const page of tables)
      setEntry(
        bench,
        bench.spaOf('alice', GUEST_BASE + page * PAGE_SIZE),
        accepted(asid, page * PAGE_SIZE, { permissions: 0x1f1f }),
      );
    bench.machine.trace.patch('core', core, { vmpl: 1 });
    expect(end(read(bench, at))).toBe('#NPF');
    expect(exitOf(bench).info1).toBe('0x1580000005');
    setEntry(bench, spa, accepted(asid, gpa, { permissions: 0x011f }));
    bench.done({ type: 'host.vmrun', guest: 'alice', core });
    bench.machine.trace.patch('core', core, { vmpl: 1 });
    expect(end(read(bench, at))).toBe('allowed');
    expect(end(write(bench, at))).toBe('#NPF');
  });
});

describe('a device', () => {
  it('reads what it likes (D-R) and writes only pages of the hypervisor (D-W)', () => {
    const { bench, spa } = withPage();
    expect(bench.done({ type: 'device.read', at: spa, length: 16 }).hex).toBe(toHex(bench.dram(spa, 16)));
    expect(lastAsked(bench).row).toBe('D-R');
    const before = toHex(bench.dram(spa, 16));
    expect(bench.perform({ type: 'device.write', at: spa, data: TEXT })).toMatchObject({
      fault: { name: 'IO_PAGE_FAULT', inputs: { check: 'Hypervisor-Owned' } },
    });
    expect(toHex(bench.dram(spa, 16))).toBe(before);
    setEntry(bench, spa, unassigned);
    expect(end(bench.perform({ type: 'device.write', at: spa, data: TEXT }))).toBe('allowed');
    expect(lastAsked(bench)).toMatchObject({ row: 'D-W', decided: 'allowed' });
  });
});

describe('a look', () => {
  it.each<[string, (own: RmpEntry) => Partial<RmpEntry>]>([
    ['accepted', (own) => own],
    ['nobody’s', () => unassigned],
    ['not validated', (own) => ({ ...own, validated: false })],
    ['closed', (own) => ({ ...own, permissions: 0x4 })],
    ['for execution only', (own) => ({ ...own, permissions: 0x8 })],
  ])('at a page that is %s ends as the access does', (_, entry) => {
    const { bench, at, spa, gpa, asid } = withPage();
    setEntry(bench, spa, entry(accepted(asid, gpa)));
    const looked = (() => {
      try {
        return toHex(bench.seen({ eye: 'guest', guest: 'alice', space: 'gva' }, at, 16));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    const outcome = read(bench, at);
    expect(looked).toBe(outcome.ok ? (outcome.value as { hex: string }).hex : outcome.fault.message);
  });
});

it('with SNP off nobody asks', () => {
  const { bench, spa, at } = withPage();
  bench.machine.trace.set('syscfg', 0, { snpEn: false });
  const asked = () =>
    bench.changes.filter((change) => change.store === 'fact' && change.what === 'rmp').length;
  const before = asked();
  bench.done({ type: 'host.vmexit', core: bench.domain('alice').core });
  expect(end(bench.perform({ type: 'host.write', at: spa, data: TEXT }))).toBe('allowed');
  expect(end(bench.perform({ type: 'device.write', at: spa, data: TEXT }))).toBe('allowed');
  expect(end(read(bench, at))).not.toBe('allowed');
  expect(asked()).toBe(before);
});
