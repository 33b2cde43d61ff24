import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { readU64 } from '../../core/bytes';
import { GHCB_FIELDS, GHCB_PARTS } from '../../cpu/ghcb/layout';
import type { Bench } from '../../testing/bench';
import { ghcbOf, ran, registers, stopped, withGuests } from '../../testing/programs';

const MARK = '0x1122334455667788';
const ghcb = (bench: Bench) => bench.dram(bench.spaOf('alice', ghcbOf(bench, 'alice')), PAGE_SIZE);
const fieldOf = (bench: Bench, name: keyof typeof GHCB_FIELDS) =>
  readU64(ghcb(bench), GHCB_FIELDS[name].offset);
const printed = (bench: Bench) => bench.state.need('ring').lines.map((line) => line.replace(/^.*?d1: /, ''));

/** How often a program left for Xen with a string access. */
function requests(bench: Bench): number {
  const names = bench.spans.map((span) => (span as { name?: string }).name);
  return names.filter((name) => name === 'handle_pio').length;
}

describe('IN and OUT with SEV-ES', () => {
  it.each([
    ['al', 0x88n],
    ['ax', 0x7788n],
    ['eax', 0x5566_7788n],
  ] as const)('OUT of %s shows these bytes of RAX and no others', (register, shown) => {
    const bench = withGuests(['alice']);
    ran(bench, 'alice', `mov rax, ${MARK}\nmov edx, 0x3f8\nout dx, ${register}\nhlt`);
    expect(fieldOf(bench, 'rax')).toBe(shown);
    expect(fieldOf(bench, 'swExitCode')).toBe(0x7bn);
  });

  it('IN takes the bytes that the instruction reads, whatever the answer holds', () => {
    const bench = withGuests(['alice']);
    bench.done({
      type: 'xen.lie',
      guest: 'alice',
      exit: 'IOIO',
      field: 'rax',
      how: 'value',
      value: '0xffeeddccbbaa9988',
    });
    const text = `mov rax, ${MARK}\nmov edx, 0x3fd\nin al, dx\nmov rbx, rax\nin eax, dx\nhlt`;
    expect(ran(bench, 'alice', text)).toMatchObject({ rbx: 0x1122_3344_5566_7788n, rax: 0xbbaa_9988n });
  });
});

describe('INS and OUTS with SEV-ES', () => {
  const out = (count: number, size: 'b' | 'w' | 'd', more = '') => `
    lea rsi, [text]
    mov ecx, ${count}
    mov edx, 0xe9
    ${more}
    rep outs${size}
    hlt
    text: ascii "${'0123456789abcdef'.repeat(8)}"`;

  it('moves what fits into the shared buffer at a time, and the instruction begins again', () => {
    const bench = withGuests(['alice']);
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'x'.repeat(4096) });
    const before = requests(bench);
    const text = `mov rsi, ${at}\nmov ecx, 4096\nmov edx, 0xe9\nrep outsb\nhlt`;
    const after = ran(bench, 'alice', text);
    expect(after).toMatchObject({ rcx: 0n, rsi: BigInt(Number(at) + 4096) });
    expect(requests(bench) - before).toBe(3);
    expect(printed(bench).slice(-3)).toEqual(['x'.repeat(2032), 'x'.repeat(2032), 'x'.repeat(32)]);
  });

  it('fills memory from a port, piece by piece', () => {
    const bench = withGuests(['alice']);
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'x'.repeat(4096) });
    ran(bench, 'alice', `mov rdi, ${at}\nmov ecx, 1000\nmov edx, 0x60\nrep insd\nhlt`);
    const seen = bench.seen({ eye: 'guest', guest: 'alice', space: 'gva' }, Number(at), 4096);
    expect(seen.subarray(0, 4000).every((byte) => byte === 0xff)).toBe(true);
    expect(String.fromCharCode(...seen.subarray(4000))).toBe('x'.repeat(96));
  });

  it.each([
    ['b', 4, 0, 'mov rax, rax', '0123'],
    ['b', 4, 0, 'add rsi, 3\nstd', '3210'],
    ['w', 2, 0, 'add rsi, 2\nstd', '2301'],
    ['d', 2, 0, 'add rsi, 4\nstd', '45670123'],
  ] as const)('follows the direction flag: outs%s %i', (size, count, _, more, expected) => {
    const bench = withGuests(['alice']);
    ran(bench, 'alice', out(count, size, more));
    expect(printed(bench).at(-1)).toBe(expected);
  });

  it('does nothing, and asks nobody, for a count of zero', () => {
    const bench = withGuests(['alice']);
    const before = requests(bench);
    expect(ran(bench, 'alice', out(0, 'b')).rcx).toBe(0n);
    expect(requests(bench)).toBe(before);
  });

  it('faults in its own memory before it shows anything', () => {
    const bench = withGuests(['alice']);
    const end = GUEST_BASE + 2 ** 20;
    expect(stopped(bench, 'alice', `mov rsi, ${end - 4}\nmov ecx, 8\nmov edx, 0xe9\nrep outsb\nhlt`)).toBe(
      'paging.not-present',
    );
    expect(registers(bench, 'alice').rcx).toBe(8n);
    const { offset } = GHCB_PARTS.sharedBuffer;
    expect(ghcb(bench).subarray(offset, offset + 8)).toEqual(new Uint8Array(8));
  });
});
