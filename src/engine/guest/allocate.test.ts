import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { readU64, toHex } from '../core/bytes';
import { Confidentiality } from '../properties/confidentiality';
import { Bench, blocks } from '../testing/bench';

const SECRET = 'the key is 8812-4f, tell nobody!';
const ASK = 'mov eax, 0x8000001f\nxor ecx, ecx\ncpuid\nhlt';

/** Alice with SEV-ES, whose kernel asks CPUID and is told that EAX is this. */
function told(eax: string | null, checks = false): Bench {
  const bench = new Bench({ technology: 'sev-es', generation: 'milan' });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  bench.perform({ type: 'guest.handler', guest: 'alice', checks, shares: 'needed' });
  bench.done({ type: 'guest.program', guest: 'alice', text: ASK });
  if (eax !== null)
    bench.perform({ type: 'xen.lie', guest: 'alice', exit: 'CPUID', field: 'rax', how: 'value', value: eax });
  bench.perform({ type: 'guest.continue', guest: 'alice' });
  return bench;
}

/** Writes the secret into a page of its own; answers with its GVA. */
const put = (bench: Bench): number =>
  bench.done({ type: 'guest.write', guest: 'alice', data: SECRET, name: 'key' }).at as number;

/** The C-bit of the leaf entry of a GVA in the tables of Alice, as she reads them herself. */
function cOf(bench: Bench, gva: number): bigint {
  const table = bench.state.need('guest', 1).tablePages[3] ?? 0;
  const entry = GUEST_BASE + table * PAGE_SIZE + ((gva - GUEST_BASE) / PAGE_SIZE) * 8;
  const raw = bench.seen({ eye: 'guest', guest: 'alice', space: 'gva', op: 'read' }, entry, 8);
  return (readU64(raw, 0) >> 51n) & 1n;
}

function violations(bench: Bench): number {
  const lamp = new Confidentiality();
  for (const [index, change] of bench.changes.entries()) lamp.fold(change, index);
  return lamp.violations.length;
}

describe('the pages of a guest that was told', () => {
  it('the truth are private', () => {
    const bench = told(null);
    const at = put(bench);
    expect(cOf(bench, at)).toBe(1n);
    expect(toHex(bench.dram(bench.spaOf('alice', at), 32))).not.toBe(toHex(blocks(SECRET)));
  });

  it('that there is no SEV lie in the clear, and the lamp says so as soon as Xen looks', () => {
    const bench = told('0x0');
    const shared = bench.state.need('guest', 1).shared;
    const at = put(bench);
    expect(cOf(bench, at)).toBe(0n);
    expect(toHex(bench.dram(bench.spaOf('alice', at), 32))).toBe(toHex(blocks(SECRET)));
    expect(bench.state.need('guest', 1).shared).toEqual(shared);
    expect(violations(bench)).toBe(0);
    expect(bench.done({ type: 'host.read', at: bench.spaOf('alice', at), length: 64 }).text).toContain(
      SECRET,
    );
    expect(violations(bench)).toBe(1);
  });

  it('that there is no SEV keep what they were before', () => {
    const bench = told(null);
    const before = put(bench);
    bench.perform({ type: 'xen.lie', guest: 'alice', exit: 'CPUID', field: 'rax', how: 'value', value: '0' });
    bench.done({ type: 'guest.program', guest: 'alice', text: ASK });
    bench.done({ type: 'guest.continue', guest: 'alice' });
    expect([cOf(bench, before), cOf(bench, put(bench))]).toEqual([1n, 0n]);
  });

  it('that there is no SEV hold no code: a fetch decrypts all the same', () => {
    const bench = told('0x0');
    bench.done({ type: 'guest.program', guest: 'alice', text: 'nop\nhlt' });
    expect(bench.refused({ type: 'guest.continue', guest: 'alice' })).toBe('guest.undefined-opcode');
  });

  it('the truth again are private again', () => {
    const bench = told('0x0');
    put(bench);
    bench.perform({ type: 'xen.lie', guest: 'alice', exit: 'CPUID', field: 'rax', how: 'truth' });
    const entry = bench.state.need('guest', 1).program?.address ?? 0;
    bench.perform({ type: 'guest.run', guest: 'alice', at: entry });
    expect(cOf(bench, put(bench))).toBe(1n);
  });

  it('a lie that it checks do not come to be: it ends itself', () => {
    const bench = told('0x0', true);
    expect(bench.refused({ type: 'guest.write', guest: 'alice', data: SECRET })).toBe('domain.paused');
    expect(violations(bench)).toBe(0);
  });
});
