import { describe, expect, test } from 'vitest';
import { PAGE_SIZE } from '../../../engine/core/address';
import { readEntry } from '../../../engine/rmp/table';
import { Bench } from '../../../engine/testing/bench';
import { whatIf } from './ladder';
import { rmpEntryView, rmpRows, rmpView } from './table';

const MIB = 2 ** 20;
const machine = (generation: 'genoa' | 'turin' = 'genoa', memory = 64 * MIB): Bench =>
  new Bench({ technology: 'sev-snp', generation, memory });

/** A page that nobody has. */
function freePage({ state }: Bench): number {
  const [first] = state.need('xen').free[0] ?? [];
  if (first === undefined) throw new Error('no page is free');
  return first;
}

describe('the table on screen', () => {
  test('is not there without SNP', () => {
    expect(rmpView(new Bench({ technology: 'sev-es' }).machine)).toBeNull();
  });

  test('lies where the registers say, and protects itself', () => {
    const bench = machine();
    const view = rmpView(bench.machine);
    const cell = bench.state.need('rmp');
    expect(view).toMatchObject({ base: cell.base, end: cell.end, segmentBits: null, segments: [] });
    const [row] = rmpRows(bench.machine, cell.base / PAGE_SIZE, 1);
    expect(row).toMatchObject({ state: 'Firmware', asid: 0, assigned: true, immutable: true });
  });

  test('has a table of segments on Turin, whose entries are where the rows say', () => {
    const bench = machine('turin', 4096 * MIB);
    const view = rmpView(bench.machine);
    expect(view?.segments.length).toBeGreaterThan(0);
    const [row] = rmpRows(bench.machine, 5, 1);
    const [segment] = view?.segments ?? [];
    expect(row?.at).toBe((segment?.base ?? 0) + 5 * 16);
  });

  test('shows what RMPUPDATE wrote, in words, bytes and bits', () => {
    const bench = machine();
    const pfn = freePage(bench);
    const at = pfn * PAGE_SIZE;
    bench.done({ type: 'host.rmpupdate', at, assigned: true, asid: 3, gpa: 0x5000 });
    const { row, fields } = rmpEntryView(bench.machine, pfn);
    expect(row).toMatchObject({ pfn, state: 'Guest-Invalid', asid: 3, gpa: 0x5000, guest: null });
    const field = (name: string) => fields.find((each) => each.name === name)?.value;
    expect([field('assigned'), field('asid'), field('gpa'), field('validated')]).toEqual([
      '1',
      '3',
      '5',
      '0',
    ]);
    expect(row.permissions[0]).toBe(readEntry(bench.machine, at)!.permissions & 0xff);
  });

  test('rows end where memory ends', () => {
    const bench = machine();
    const pages = (64 * MIB) / PAGE_SIZE;
    expect(rmpRows(bench.machine, pages - 2, 100).map(({ pfn }) => pfn)).toEqual([pages - 2, pages - 1]);
  });
});

describe('the ladder', () => {
  const who = { kind: 'write', c: true, vmpl: 0 } as const;

  test('refuses Xen’s write where a page is assigned, with the bit that says so', () => {
    const bench = machine();
    const pfn = freePage(bench);
    expect(whatIf(bench.machine, { ...who, who: 'xen', pfn })).toMatchObject({ end: 'allowed', bits: [] });
    bench.done({ type: 'host.rmpupdate', at: pfn * PAGE_SIZE, assigned: true, asid: 3, gpa: 0x5000 });
    const view = whatIf(bench.machine, { ...who, who: 'xen', pfn });
    expect(view?.end).toBe('#PF');
    expect(view?.bits).toEqual(['P', 'W', 'RMP']);
    expect(view?.rungs.find(({ decides }) => decides)?.name).toBe('Hypervisor-Owned');
    expect(whatIf(bench.machine, { ...who, kind: 'read', who: 'xen', pfn })?.end).toBe('allowed');
    expect(whatIf(bench.machine, { ...who, who: 'device', pfn })?.end).toBe('IO_PAGE_FAULT');
    expect(whatIf(bench.machine, { ...who, who: 'firmware', pfn })?.end).toBe('allowed');
  });

  test('agrees with the access itself', () => {
    const bench = machine();
    const pfn = freePage(bench);
    bench.done({ type: 'host.rmpupdate', at: pfn * PAGE_SIZE, assigned: true, asid: 3, gpa: 0x5000 });
    const outcome = bench.perform({ type: 'host.write', at: pfn * PAGE_SIZE, c: '0', data: 'hello' });
    expect(outcome).toMatchObject({ ok: false, fault: { name: '#PF' } });
  });

  test('knows no guest that is not there', () => {
    expect(whatIf(machine().machine, { ...who, who: 'nobody', pfn: 0 })).toBeNull();
  });
});
