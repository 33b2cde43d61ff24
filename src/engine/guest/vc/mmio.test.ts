import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { readU64, toHex } from '../../core/bytes';
import { EXIT } from '../../cpu/exits';
import { GHCB_FIELDS, GHCB_PARTS } from '../../cpu/ghcb/layout';
import { readVmcb } from '../../cpu/vmcb';
import type { Bench } from '../../testing/bench';
import { ghcbOf, ran, registers, stopped, withGuests } from '../../testing/programs';

const APIC = 0x7f00_fee0_0000;
const ghcb = (bench: Bench): Uint8Array =>
  bench.dram(bench.spaOf('alice', ghcbOf(bench, 'alice')), PAGE_SIZE);
const scratch = (bench: Bench, length: number): string =>
  toHex(ghcb(bench).subarray(GHCB_PARTS.sharedBuffer.offset, GHCB_PARTS.sharedBuffer.offset + length));
const exit = (bench: Bench): number =>
  Number(readVmcb(bench.machine, 0, bench.domain('alice').vmcbs[0] ?? 0, 'exitCode'));

describe('loads and stores of a device', () => {
  it.each([
    ['mov [rbx + 0x80], cl', '44000000'],
    ['mov [rbx + 0x80], cx', '44330000'],
    ['mov [rbx + 0x80], ecx', '44332211'],
  ])('%s sends these bytes', (text, bytes) => {
    const bench = withGuests(['alice']);
    ran(bench, 'alice', `mov rbx, ${APIC}\nmov ecx, 0x11223344\n${text}\nhlt`);
    expect(scratch(bench, 4)).toBe(bytes);
    expect(bench.state.need('vcpus', 1).vcpus[0]?.tpr).toBe(0x44);
    expect(exit(bench)).toBe(EXIT.HLT);
  });

  it.each([
    ['mov cl, [rbx + 0x30]', 0xffff_ffff_ffff_ff14n],
    ['mov cx, [rbx + 0x30]', 0xffff_ffff_ffff_0014n],
    ['mov ecx, [rbx + 0x30]', 0x5_0014n],
    ['mov rcx, [rbx + 0x30]', 0x5_0014n],
    ['movzx ecx, byte [rbx + 0x32]', 0n],
    ['or ecx, [rbx + 0x30]', 0xffff_ffffn],
  ])('%s takes what its size says', (text, expected) => {
    expect(ran(withGuests(['alice']), 'alice', `mov rbx, ${APIC}\nmov rcx, -1\n${text}\nhlt`).rcx).toBe(
      expected,
    );
  });

  it('an instruction with a device and memory reaches each in its own way', () => {
    const bench = withGuests(['alice']);
    expect(stopped(bench, 'alice', `mov rbx, ${APIC}\ncall [rbx + 0x30]\nhlt`)).toBe('paging.not-present');
    const { rip, rsp } = registers(bench, 'alice');
    expect(rip).toBe(0x5_0014n);
    const seen = bench.seen({ eye: 'guest', guest: 'alice', space: 'gva' }, Number(rsp), 8);
    expect(readU64(seen, 0)).toBe(BigInt((bench.state.need('guest', 1).program?.address ?? 0) + 13));
    expect(scratch(bench, 8)).toBe('1400050000000000');
  });

  it('where Xen has no device the request is refused', () => {
    const bench = withGuests(['alice']);
    const gpa = 0x4000_0000;
    bench.done({
      type: 'guest.program',
      guest: 'alice',
      text: `mov rbx, ${GUEST_BASE + gpa}\nmov eax, [rbx]\nhlt`,
    });
    expect(bench.refused({ type: 'guest.continue', guest: 'alice' })).toBe('paging.not-present');
  });
});

describe('a private page that Xen marks as a device', () => {
  const SECRET = '0x1122334455667788';
  const marked = (checks: boolean, text: (at: string) => string): { bench: Bench; at: number } => {
    const bench = withGuests(['alice']);
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'private' });
    bench.done({ type: 'guest.handler', guest: 'alice', checks, shares: 'needed' });
    bench.done({
      type: 'guest.program',
      guest: 'alice',
      text: `mov rbx, ${SECRET}\n${text(String(at))}\nhlt`,
    });
    bench.done({ type: 'host.remap', guest: 'alice', gpa: Number(at) - GUEST_BASE, to: 2 ** 50 });
    return { bench, at: Number(at) };
  };

  it.each([
    ['a store', (at: string) => `mov rax, ${at}\nmov [rax], rbx`],
    ['a load', (at: string) => `mov rax, ${at}\nmov rbx, [rax]`],
    ['a push', (at: string) => `mov rsp, ${Number(at) + 64}\npush rbx`],
  ])('is no device to a kernel that checks: %s', (_, text) => {
    const { bench } = marked(true, text);
    const outcome = bench.perform({ type: 'guest.continue', guest: 'alice' });
    expect(outcome).toMatchObject({ ok: false, fault: { name: 'shutdown' } });
    expect(bench.state.need('ring').lines.at(-1)).toContain('terminated itself');
    expect(scratch(bench, 8)).toBe('0000000000000000');
    expect(toHex(ghcb(bench))).not.toContain('8877665544332211');
  });

  it('has one that does not check hand over what it stores', () => {
    const { bench, at } = marked(false, (place) => `mov rax, ${place}\nmov [rax], rbx`);
    expect(bench.refused({ type: 'guest.continue', guest: 'alice' })).toBe('xen.mmio-device');
    expect(scratch(bench, 8)).toBe('8877665544332211');
    expect(readU64(ghcb(bench), GHCB_FIELDS.swExitInfo1.offset)).toBe(BigInt(at - GUEST_BASE));
  });

  it('is #VC, not an exit: Xen learns nothing of it', () => {
    const { bench, at } = marked(true, () => 'nop');
    bench.done({ type: 'host.vmexit', core: 1 });
    expect(bench.refused({ type: 'guest.read', guest: 'alice', at })).toBe('paging.reserved');
    expect(exit(bench)).toBe(EXIT.INTR);
    expect(bench.state.need('core', 1).domain).toBe(1);
  });

  it('is an exit where no reserved bit is set', () => {
    const { bench, at } = marked(true, () => 'nop');
    bench.done({ type: 'host.remap', guest: 'alice', gpa: at - GUEST_BASE, to: 2 ** 40 });
    const outcome = bench.perform({ type: 'guest.read', guest: 'alice', at });
    expect(outcome.ok).toBe(false);
  });

  it('ends a kernel that finds no instruction there', () => {
    const bench = withGuests(['alice']);
    const { at } = bench.done({ type: 'guest.program', guest: 'alice', text: 'nop\nhlt' });
    bench.done({ type: 'host.remap', guest: 'alice', gpa: Number(at) - GUEST_BASE, to: 2 ** 50 });
    expect(bench.refused({ type: 'guest.continue', guest: 'alice' })).toBe('ghcb.terminated');
    expect(exit(bench)).toBe(EXIT.VMGEXIT);
  });
});
