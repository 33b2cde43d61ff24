import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { Generation } from '../core/config';
import { rmpupdate } from '../rmp/instructions/rmpupdate';
import { permissionsOf } from '../rmp/permissions';
import { packRecord } from '../rmp/record';
import { readEntry } from '../rmp/table';
import { XEN } from '../rmp/testing/contexts';
import type { Bench } from '../testing/bench';
import { ran, run } from '../testing/programs';
import { accepted, setEntry, snpGuest, snpMachine } from '../testing/snp';
import { EXIT } from './exits';
import { FLAG } from './isa/run/flags';
import { readVmcb } from './vmcb';

/** Alice with a page of data, and its entry. */
function withPage(generation: Generation = 'genoa'): {
  bench: Bench;
  at: number;
  spa: number;
  gpa: number;
  asid: number;
} {
  const bench = snpGuest(['alice'], '', { generation });
  const at = Number(bench.done({ type: 'guest.write', guest: 'alice', data: 'sixteen letters.' }).at);
  return { bench, at, spa: bench.spaOf('alice', at), gpa: at - GUEST_BASE, asid: bench.domain('alice').asid };
}

const program = (at: number, ecx: number, edx: number, name: string) =>
  `mov rax, 0x${at.toString(16)}\nmov ecx, ${ecx}\nmov edx, ${edx}\n${name}\nhlt`;
const carry = (rflags: bigint) => (rflags & FLAG.carry) !== 0n;
const exitInfo1 = (bench: Bench) =>
  readVmcb(bench.machine, 0, bench.domain('alice').vmcbs[0] ?? 0, 'exitInfo1');

describe('PVALIDATE in a program', () => {
  it('gives a page up, and accepts it again; CF tells that nothing changed', () => {
    const { bench, at, spa } = withPage();
    const down = ran(bench, 'alice', program(at, 0, 0, 'pvalidate'));
    expect([down.rax, carry(down.rflags)]).toEqual([0n, false]);
    expect(readEntry(bench.machine, spa)?.validated).toBe(false);
    expect(bench.perform({ type: 'guest.read', guest: 'alice', at, length: 16 })).toMatchObject({
      fault: { name: '#VC' },
    });
    const again = ran(bench, 'alice', program(at, 0, 0, 'pvalidate'));
    expect([again.rax, carry(again.rflags)]).toEqual([0n, true]);
    expect(carry(ran(bench, 'alice', program(at, 0, 1, 'pvalidate')).rflags)).toBe(false);
    expect(bench.done({ type: 'guest.read', guest: 'alice', at, length: 16 }).text).toBe('sixteen letters.');
  });

  it('answers FAIL_INPUT and FAIL_SIZEMISMATCH for 2 MiB, with CF clear', () => {
    const { bench, at } = withPage();
    const unaligned = ran(bench, 'alice', program(at, 1, 1, 'pvalidate'));
    expect([unaligned.rax, carry(unaligned.rflags)]).toEqual([1n, false]);
    const small = ran(bench, 'alice', program(GUEST_BASE, 1, 1, 'pvalidate'));
    expect([small.rax, carry(small.rflags)]).toEqual([6n, false]);
  });

  const give = { gpa: 0, assigned: true, large: false, regionAssigned: false, immutable: false, asid: 0 };
  it.each([
    ['has not assigned', (_gpa: number, _asid: number) => null],
    [
      'has assigned for another GPA',
      (gpa: number, asid: number) => ({ ...give, gpa: gpa + PAGE_SIZE, asid }),
    ],
    ['has assigned to another guest', (gpa: number, asid: number) => ({ ...give, gpa, asid: asid + 5 })],
  ])('leaves with #NPF for a page that the hypervisor %s: the guest stalls', (_, record) => {
    const { bench, at, spa, gpa, asid } = withPage();
    setEntry(bench, spa, {});
    const state = record(gpa, asid);
    if (state) rmpupdate(bench.machine, { spa, state: packRecord(state) }, XEN);
    expect(run(bench, 'alice', program(at, 0, 1, 'pvalidate')).ok).toBe(false);
    expect(readVmcb(bench.machine, 0, bench.domain('alice').vmcbs[0] ?? 0, 'exitCode')).toBe(
      BigInt(EXIT.NPF),
    );
    expect(exitInfo1(bench)).toBe(0x5_8000_0005n);
    expect(bench.state.need('core', bench.domain('alice').core).domain).toBe(null);
  });

  it('is no instruction of a guest without SNP', () => {
    const plain = snpMachine(['alice']);
    expect(run(plain, 'alice', program(GUEST_BASE, 0, 1, 'pvalidate'))).toMatchObject({
      fault: { name: '#UD' },
    });
  });
});

describe('RMPADJUST and RMPQUERY in a program', () => {
  it('set what VMPL1 may do, and ask for it', () => {
    const { bench, at, spa } = withPage();
    expect(ran(bench, 'alice', program(at, 0, 0x0301, 'rmpadjust')).rax).toBe(0n);
    const entry = readEntry(bench.machine, spa);
    expect(entry && permissionsOf(entry, 1)).toBe(3);
    const asked = ran(bench, 'alice', program(at, 7, 1, 'rmpquery'));
    expect([asked.rax, asked.rdx, asked.rcx]).toEqual([0n, 0x0301n, 0n]);
    expect(ran(bench, 'alice', program(at, 0, 0x0300, 'rmpadjust')).rax).toBe(2n);
    expect(ran(bench, 'alice', program(at, 0, 0x0304, 'rmpadjust')).rax).toBe(1n);
  });

  it('mark a page as VMSA from VMPL0', () => {
    const { bench, at, spa } = withPage();
    expect(ran(bench, 'alice', program(at, 0, 0x1_0001, 'rmpadjust')).rax).toBe(0n);
    expect(readEntry(bench.machine, spa)?.vmsa).toBe(true);
    expect(ran(bench, 'alice', program(at, 0, 0, 'rmpquery')).rdx).toBe(0x1_1f00n);
  });

  it('RMPQUERY is no instruction of Milan', () => {
    const { bench, at } = withPage('milan');
    expect(run(bench, 'alice', program(at, 0, 1, 'rmpquery'))).toMatchObject({ fault: { name: '#UD' } });
  });

  it('of a page that is not accepted raise #VC, and the core stays in the guest', () => {
    const { bench, at, spa, gpa, asid } = withPage();
    setEntry(bench, spa, accepted(asid, gpa, { validated: false }));
    expect(run(bench, 'alice', program(at, 0, 0x0101, 'rmpadjust'))).toMatchObject({
      fault: { name: '#VC' },
    });
    expect(bench.state.need('core', bench.domain('alice').core).domain).toBe(bench.domain('alice').id);
  });
});
