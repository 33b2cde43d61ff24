import { describe, expect, it } from 'vitest';
import { GUEST_BASE } from '../core/address';
import { Bench } from '../testing/bench';
import { Confidentiality } from './confidentiality';

const KEY = 0x80000;
const at = GUEST_BASE + KEY;
const block = (first: number) => `hex:${first.toString(16).padStart(2, '0').padEnd(32, '0')}`;

const BEGIN = `wait: hlt
mov rbx, 0x${at.toString(16)}
mov rax, [rbx]
`;
const LEAKY = `${BEGIN}test rax, rax\nje wait\nnop\njmp wait`;
const CONSTANT = `${BEGIN}neg rax\nand rcx, rax\njmp wait`;

interface Play {
  readonly text?: string;
  /** What Carol runs, when it is not the same. */
  readonly others?: string;
  readonly guess?: number;
  /** Alice’s key came from a packet; Carol chose hers herself. */
  readonly told?: boolean;
  readonly own?: boolean;
  /** The two keys of Carol. */
  readonly keys?: readonly [number, number];
}

/** Alice’s key is 1. She runs, Carol runs twice, Xen compares and guesses: what the monitor says of that. */
function played({ text = LEAKY, others = text, guess = 1, told = false, own = false, keys = [0, 1] }: Play) {
  const bench = new Bench({ technology: 'sev-snp' });
  const key = (guest: string, value: number, packet: boolean) =>
    bench.done(
      packet
        ? { type: 'guest.io', guest, direction: 'receive', at, via: 'bounce', data: block(value) }
        : { type: 'guest.write', guest, at, data: block(value) },
    );
  const load = (guest: string, program: string) => {
    bench.done({ type: 'xl.create', config: `${guest}.cfg`, extra: 'memory=1' });
    bench.done({ type: 'guest.program', guest, text: program });
    bench.done({ type: 'guest.step', guest });
  };
  load('alice', text);
  key('alice', 1, told);
  bench.done({ type: 'host.step', guest: 'alice', trace: 'alice' });
  load('carol', others);
  for (const [i, value] of keys.entries()) {
    key('carol', value, !own);
    bench.done({ type: 'host.step', guest: 'carol', trace: `carol ${i}` });
  }
  const traces = { trace: 'alice', first: 'carol 0', second: 'carol 1' };
  const spa = bench.spaOf('alice', at);
  const { same } = bench.done({ type: 'host.compare-traces', ...traces, at: spa, guess: block(guess) });
  const monitor = new Confidentiality();
  for (const [index, change] of bench.changes.entries()) monitor.fold(change, index);
  return { same, violations: monitor.violations.map(({ sentence }) => sentence) };
}

describe('a guess about a run', () => {
  it('counts when the run looks like that with the guessed value and not like the other', () => {
    expect(played({})).toEqual({
      same: 'second',
      violations: [expect.stringMatching(/^Xen knows what Alice keeps at 0x[0-9a-f]+: the program runs/)],
    });
    expect(played({ keys: [1, 0] }).violations).toHaveLength(1);
  });

  it('does not count when it is wrong', () => {
    expect(played({ guess: 0 }).violations).toEqual([]);
  });

  it('does not count where the way through the code does not depend on the key', () => {
    expect(played({ text: CONSTANT })).toEqual({ same: 'both', violations: [] });
  });

  it('does not count when the attacker ran another program, or does not know with which key', () => {
    expect(played({ others: LEAKY.replace('nop', 'clc') })).toEqual({ same: 'second', violations: [] });
    expect(played({ own: true })).toEqual({ same: 'second', violations: [] });
  });

  it('does not count without a run that looks different', () => {
    expect(played({ keys: [1, 1] })).toEqual({ same: 'both', violations: [] });
  });

  it('does not count two values that look the same', () => {
    expect(played({ keys: [3, 1] })).toEqual({ same: 'both', violations: [] });
  });

  it('does not count what somebody had told the guest', () => {
    expect(played({ told: true })).toEqual({ same: 'second', violations: [] });
  });
});
