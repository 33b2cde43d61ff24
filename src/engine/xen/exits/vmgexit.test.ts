import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { readU32, readU64, toHex } from '../../core/bytes';
import { encodeIoio } from '../../cpu/ghcb/ioio';
import {
  GHCB_FIELDS,
  type GhcbField,
  type GhcbValues,
  ghcbHeader,
  ghcbWrites,
  isValid,
  readGhcb,
  written,
} from '../../cpu/ghcb/layout';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import type { Bench } from '../../testing/bench';
import { exchange, ghcbOf, withGuests } from '../../testing/programs';
import { LAPIC_BASE } from './apic';

/** A request as a program may put it into its GHCB. */
function request(code: number, values: GhcbValues = {}, version = 2, usage = 0): Uint8Array {
  const empty = new Uint8Array(PAGE_SIZE);
  const all = { swExitCode: BigInt(code), swExitInfo1: 0n, swExitInfo2: 0n, ...values };
  return written(empty, [...ghcbWrites(empty, all), ...ghcbHeader(version, usage)]);
}

const alice = () => withGuests(['alice']);
const gpaOfGhcb = (bench: Bench): bigint => BigInt(ghcbOf(bench, 'alice') - GUEST_BASE);
const fields = (page: Uint8Array): GhcbField[] =>
  (Object.keys(GHCB_FIELDS) as GhcbField[]).filter((field) => isValid(page, field));
const result = (page: Uint8Array): bigint[] => [readGhcb(page, 'swExitInfo1'), readGhcb(page, 'swExitInfo2')];

describe('an answer of Xen', () => {
  it('to CPUID marks the four registers and the result valid, and nothing of the request', () => {
    const { page } = exchange(alice(), request(0x72, { rax: 0x8000_001fn, rcx: 0n }));
    expect(toHex(page.subarray(0x3f0, 0x400))).toBe('0000000000000080000000000e001800');
    expect(fields(page).sort()).toEqual(['rax', 'rbx', 'rcx', 'rdx', 'swExitInfo1', 'swExitInfo2']);
    const { eax, ebx, ecx, edx } = alice().state.need('cpuid').fn8000001f;
    expect([0x1f8, 0x318, 0x308, 0x310].map((offset) => readU64(page, offset))).toEqual(
      [eax, ebx, ecx, edx].map((value) => BigInt(value >>> 0)),
    );
    expect(result(page)).toEqual([0n, 0n]);
  });

  it.each<[string, number, GhcbValues, GhcbField[]]>([
    ['DR7 read', 0x27, {}, ['rax']],
    ['DR7 write', 0x37, { rax: 0x400n }, []],
    ['RDTSC', 0x6e, {}, ['rax', 'rdx']],
    ['RDTSCP', 0x87, {}, ['rax', 'rcx', 'rdx']],
    ['INVD', 0x76, {}, []],
    ['WBINVD', 0x89, {}, []],
    ['RDMSR', 0x7c, { rcx: 0x1bn }, ['rax', 'rdx']],
    ['WRMSR', 0x7c, { rcx: 0x277n, rax: 0n, rdx: 0n, swExitInfo1: 1n }, []],
    ['VMMCALL', 0x81, { rax: 17n, cpl: 0n }, ['rax']],
    ['IN', 0x7b, { swExitInfo1: 0x3fd_0011n }, ['rax']],
    ['OUT', 0x7b, { swExitInfo1: 0xe9_0010n, rax: 65n }, []],
    ['NMI complete', SOFTWARE_EVENT.NMI_COMPLETE, {}, []],
    ['hypervisor features', SOFTWARE_EVENT.HYPERVISOR_FEATURES, {}, []],
  ])('to %s marks what it returns', (_, code, values, outputs) => {
    const { page, outcome } = exchange(alice(), request(code, values));
    expect(outcome.ok).toBe(true);
    expect(result(page)).toEqual([0n, 0n]);
    expect(fields(page).sort()).toEqual([...outputs, 'swExitInfo1', 'swExitInfo2'].sort());
  });

  it.each<[string, number, GhcbValues, bigint]>([
    ['RDMSR of one that Xen does not know', 0x7c, { rcx: 0x1234n }, 0x8000_0b0dn],
    ['RDPMC', 0x6f, { rcx: 0n }, 0x8000_0b0dn],
    ['MONITOR', 0x8a, { rax: 0n, rcx: 0n, rdx: 0n }, 0x8000_0306n],
    ['MWAIT', 0x8b, { rax: 0n, rcx: 0n }, 0x8000_0306n],
  ])('to %s asks for an exception in the layout of EVENTINJ', (_, code, values, event) => {
    const { page } = exchange(alice(), request(code, values));
    expect(result(page)).toEqual([1n, event]);
  });

  it.each<[string, Uint8Array, bigint]>([
    ['a usage that it does not know', request(0x72, { rax: 0n, rcx: 0n }, 2, 1), 2n],
    [
      'a buffer in the registers',
      request(0x7b, { swExitInfo1: 0xe9_0014n, swExitInfo2: 4n, swScratch: 0n }),
      3n,
    ],
    ['an input that is not marked', request(0x72, { rcx: 0n }), 4n],
    ['a protocol that it did not offer', request(0x72, { rax: 0n, rcx: 0n }, 3), 5n],
    ['an event of SEV-SNP', request(SOFTWARE_EVENT.RUN_VMPL), 6n],
    ['PAUSE, which leaves by itself', request(0x77), 6n],
    [
      'an AP jump table beyond all addresses',
      request(SOFTWARE_EVENT.AP_JUMP_TABLE, { swExitInfo2: 1n << 52n }),
      5n,
    ],
  ])('refuses %s', (_, asked, reason) => {
    const { page, outcome } = exchange(alice(), asked);
    expect(outcome.ok).toBe(true);
    expect(result(page)).toEqual([2n, reason]);
    expect(fields(page).sort()).toEqual(['swExitInfo1', 'swExitInfo2']);
  });

  it('gives the AP jump table back', () => {
    const bench = alice();
    const table = (1n << 52n) - 4096n;
    exchange(bench, request(SOFTWARE_EVENT.AP_JUMP_TABLE, { swExitInfo2: table }));
    const { page } = exchange(bench, request(SOFTWARE_EVENT.AP_JUMP_TABLE, { swExitInfo1: 1n }));
    expect(result(page)).toEqual([0n, table]);
  });

  it('is the end where the guest asks for it', () => {
    const bench = alice();
    const { outcome } = exchange(bench, request(SOFTWARE_EVENT.TERMINATE, { swExitInfo1: 0x21n }));
    expect(outcome).toMatchObject({ ok: false, fault: { rule: { id: 'ghcb.terminated' } } });
    expect(bench.domain('alice').paused).toBe(true);
  });
});

describe('the local APIC through the GHCB', () => {
  const mmio = (bench: Bench, code: number, offset: number, length: bigint, version = 2) =>
    request(
      code,
      {
        swExitInfo1: BigInt(LAPIC_BASE + offset),
        swExitInfo2: length,
        swScratch: gpaOfGhcb(bench) + 0x800n,
      },
      version,
    );
  const bytesAt = (page: Uint8Array, from: number, to: number) => toHex(page.subarray(from, to));

  it.each([1, 2, 4, 8])('reads %i bytes into the buffer', (length) => {
    const bench = alice();
    const asked = mmio(bench, SOFTWARE_EVENT.MMIO_READ, 0x30, BigInt(length)).fill(0xee, 0x800, 0x810);
    const { page } = exchange(bench, asked);
    expect(bytesAt(page, 0x800, 0x810)).toBe('1400050000000000'.slice(0, 2 * length).padEnd(32, 'e'));
  });

  it.each([1n, 2n, 4n, 2032n])('takes a register of 4 bytes from %i', (length) => {
    const bench = alice();
    const asked = mmio(bench, SOFTWARE_EVENT.MMIO_WRITE, 0x80, length, 1).fill(0x20, 0x800, 0xff0);
    exchange(bench, asked);
    expect(bench.state.need('vcpus', 1).vcpus[0]?.tpr).toBe(0x20);
  });
});

describe('a buffer outside the GHCB, as version 1 allows it', () => {
  const string = (input: boolean, count: number, scratch: bigint, version = 1) =>
    request(
      0x7b,
      {
        swExitInfo1: encodeIoio({
          port: input ? 0x60 : 0xe9,
          input,
          string: true,
          rep: true,
          bytes: 1,
          addressBits: 64,
          segment: 0,
        }),
        swExitInfo2: BigInt(count),
        swScratch: scratch,
      },
      version,
    );

  /** Two shared pages; the second one lies elsewhere in DRAM. */
  function shared(bench: Bench): { gpa: number; spas: number[] } {
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'z'.repeat(4096) });
    bench.done({ type: 'guest.write', guest: 'alice', data: 'z'.repeat(4096) });
    const { at: spare } = bench.done({ type: 'guest.write', guest: 'alice', data: 'z'.repeat(4096) });
    const gpa = Number(at) - GUEST_BASE;
    bench.done({
      type: 'host.remap',
      guest: 'alice',
      gpa: gpa + PAGE_SIZE,
      to: bench.spaOf('alice', Number(spare)),
    });
    bench.done({
      type: 'guest.convert',
      guest: 'alice',
      at: Number(at),
      to: 'shared',
      pages: 2,
      keep: false,
    });
    bench.done({ type: 'guest.write', guest: 'alice', at: Number(at), data: 'y'.repeat(4096) });
    bench.done({ type: 'guest.write', guest: 'alice', at: Number(at) + PAGE_SIZE, data: 'x'.repeat(4096) });
    return { gpa, spas: [Number(at), Number(spare)].map((gva) => bench.spaOf('alice', gva)) };
  }

  it('is found page by page: Xen prints what lies there', () => {
    const bench = alice();
    const { gpa } = shared(bench);
    exchange(bench, string(false, 8, BigInt(gpa + PAGE_SIZE - 4)));
    expect(bench.state.need('ring').lines.at(-1)).toMatch(/yyyyxxxx$/);
  });

  it('is filled page by page, and nothing else is', () => {
    const bench = alice();
    const { gpa, spas } = shared(bench);
    const before = bench.dram(bench.spaOf('alice', GUEST_BASE + gpa) + PAGE_SIZE, PAGE_SIZE);
    const { page } = exchange(bench, string(true, 8, BigInt(gpa + PAGE_SIZE - 4)));
    expect(result(page)).toEqual([0n, 0n]);
    const [first = 0, second = 0] = spas;
    expect(readU32(bench.dram(first + PAGE_SIZE - 4, 4), 0)).toBe(0xffff_ffff);
    expect(toHex(bench.dram(second, 8))).toBe('ffffffff78787878');
    expect(bench.dram(bench.spaOf('alice', GUEST_BASE + gpa) + PAGE_SIZE, PAGE_SIZE)).toEqual(before);
  });

  it('is refused where the guest has no memory, and by version 2', () => {
    const bench = alice();
    const { gpa } = shared(bench);
    expect(result(exchange(bench, string(true, 8, 1n << 40n)).page)).toEqual([2n, 3n]);
    expect(result(exchange(bench, string(true, 8, BigInt(gpa), 2)).page)).toEqual([2n, 3n]);
  });
});
