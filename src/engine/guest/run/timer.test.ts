import { describe, expect, it } from 'vitest';
import { GUEST_BASE } from '../../core/address';
import type { Technology } from '../../core/config';
import { unpackRegisters } from '../../core/registers';
import { Bench } from '../../testing/bench';

const KEY = 0x80000;
const PROGRAM = `
  wait: hlt
  mov rbx, 0x${(GUEST_BASE + KEY).toString(16)}
  mov rax, [rbx]
  test rax, rax
  je wait
  push rax
  pop rdx
  jmp wait`;

/** A guest that waits, with a key; Xen follows its code, its stack and its key. */
function waiting(technology: Technology, key: string, follow = true, memory = 1): Bench {
  const bench = new Bench({ technology, memory: 32 * 2 ** 20 });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: `memory=${memory}` });
  bench.done({
    type: 'guest.write',
    guest: 'alice',
    at: GUEST_BASE + KEY,
    data: `hex:${key.padEnd(32, '0')}`,
  });
  const { at } = bench.done({ type: 'guest.program', guest: 'alice', text: PROGRAM });
  bench.done({ type: 'guest.step', guest: 'alice' });
  if (!follow) return bench;
  bench.done({ type: 'host.watch', guest: 'alice', gpa: Number(at) - GUEST_BASE, pages: 2 });
  bench.done({ type: 'host.watch', guest: 'alice', gpa: KEY });
  return bench;
}

const stepped = (bench: Bench, fields: Record<string, number> = {}) =>
  bench.done({ type: 'host.step', guest: 'alice', trace: 'it', ...fields });

function registersOf(bench: Bench) {
  const { id, core } = bench.domain('alice');
  bench.done({ type: 'host.vmrun', guest: 'alice', core });
  expect(bench.state.need('core', core).domain).toBe(id);
  return unpackRegisters(bench.state.need('registers', core));
}

describe.each(['sme', 'sev', 'sev-es', 'sev-snp'] as const)('single steps on %s', (technology) => {
  it('tell how many instructions ran, and which pages they used', () => {
    expect(stepped(waiting(technology, '01')).text).toBe('fetch 1, +1, read 2, +1 ×3, write 3, +1 ×3, HLT');
    expect(stepped(waiting(technology, '00')).text).toBe('fetch 1, +1, read 2, +1 ×3, HLT');
  });

  it('change nothing of what the guest computes', () => {
    const [watched, alone] = [waiting(technology, '07'), waiting(technology, '07', false)];
    stepped(watched);
    alone.done({ type: 'guest.continue', guest: 'alice' });
    expect(registersOf(watched)).toEqual(registersOf(alone));
  });
});

describe('a timer', () => {
  it('may fire before an instruction has retired', () => {
    const bench = waiting('sev-snp', '01');
    const before = registersOf(bench);
    expect(stepped(bench, { budget: 0, runs: 3 })).toMatchObject({ instructions: 0, text: '+0 ×3' });
    expect(registersOf(bench)).toEqual(before);
  });

  it('may fire after several, which a page fault divides', () => {
    const bench = waiting('sev-snp', '01');
    expect(stepped(bench, { budget: 5, runs: 1 })).toMatchObject({
      instructions: 5,
      text: 'fetch 1, +1 read 2, +3 write 3, +1',
    });
  });

  it('ends with the room for its trace', () => {
    const bench = new Bench({ technology: 'sev' });
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    bench.done({ type: 'guest.program', guest: 'alice', text: 'again: cpuid\ncpuid\njmp again' });
    const step = { type: 'host.step', guest: 'alice', trace: 'it', runs: 512 };
    expect(bench.refused(step)).toBe('xen.trace-full');
    expect(bench.state.need('traces').kept[0]?.exits).toHaveLength(512);
    expect(bench.state.need('traces').now).toBeUndefined();
  });
});

describe('following pages', () => {
  it('takes all others away where instructions of another page begin', () => {
    const bench = new Bench({ technology: 'sev-snp' });
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    const { at: callee } = bench.done({ type: 'guest.program', guest: 'alice', text: 'ret' });
    const text = [
      `mov rax, 0x${Number(callee).toString(16)}`,
      'lea rbx, [back]',
      'push rbx',
      'push rax',
      'ret',
    ];
    const { at } = bench.done({
      type: 'guest.program',
      guest: 'alice',
      text: [...text, 'back: hlt'].join('\n'),
    });
    for (const page of [Number(callee), Number(at), Number(at) + 4096])
      bench.done({ type: 'host.watch', guest: 'alice', gpa: page - GUEST_BASE });
    expect(stepped(bench).text).toBe('fetch 1, +1 ×2, write 2, +1 ×3, fetch 3, read 2, +1, fetch 1, HLT');
  });

  it('lets PVALIDATE through, be it the kernel’s or a program’s', () => {
    const bench = waiting('sev-snp', '01');
    const watch = { type: 'host.watch', guest: 'alice', gpa: KEY };
    const pvalidate = { type: 'guest.pvalidate', guest: 'alice', at: GUEST_BASE + KEY, validated: true };
    expect(bench.perform(pvalidate).ok).toBe(true);
    const lines = [
      `mov rax, 0x${(GUEST_BASE + KEY).toString(16)}`,
      'xor ecx, ecx',
      'mov edx, 1',
      'pvalidate',
      'hlt',
    ];
    bench.done({ type: 'guest.program', guest: 'alice', text: lines.join('\n') });
    bench.done(watch);
    expect(stepped(bench)).toMatchObject({ stopped: 'HLT', text: '+1 ×3, read 1, +1, HLT' });
  });

  it('ends, and the guest runs without a fault', () => {
    const bench = waiting('sev-snp', '01');
    bench.done({ type: 'host.watch', guest: 'alice', gpa: 0, pages: 256, on: false });
    expect(bench.state.cell('watch', bench.domain('alice').id)).toBeNull();
    expect(stepped(bench).text).toBe('+1 ×7, HLT');
  });

  it('splits what is mapped and assigned at once', () => {
    const bench = waiting('sev-snp', '01', true, 8);
    expect(stepped(bench).text).toBe('fetch 1, +1, read 2, +1 ×3, write 3, +1 ×3, HLT');
  });

  it('is of no use where there is nothing', () => {
    const bench = waiting('sev', '01');
    const nowhere = { type: 'host.watch', guest: 'alice', gpa: 2 ** 30 };
    expect(bench.refused(nowhere)).toBe('xen.follow-nothing');
  });
});
