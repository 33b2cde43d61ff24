import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import { readUint, u64 } from '../../core/bytes';
import type { Registers } from '../../core/registers';
import {
  GHCB_FIELD_NAMES,
  GHCB_FIELDS,
  GHCB_PARTS,
  type GhcbField,
  isValid,
  readGhcb,
} from '../../cpu/ghcb/layout';
import type { Bench } from '../../testing/bench';
import { mark } from '../../testing/marks';
import { coreRegisters, ghcbOf, registers, withGuests } from '../../testing/programs';
import { hostAccess } from '../../xen/host';

const RUNS = Number(process.env.FUZZ_RUNS ?? 50);
const settings = { numRuns: RUNS, seed: Number(process.env.FUZZ_SEED ?? 20_260) };

interface Write {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What somebody stores into the shared page after Xen’s answer and before the guest comes back. */
const meddling = vi.hoisted(() => ({ spa: 0, writes: [] as readonly Write[] }));

vi.mock('../../xen/exits/handle', async (load) => {
  const real = await load<typeof import('../../xen/exits/handle')>();
  const handleExit: typeof real.handleExit = (p, left) => {
    const handled = real.handleExit(p, left);
    for (const { offset, bytes } of meddling.writes)
      hostAccess(p, left.core, 'write', meddling.spa + offset, '0', bytes.length, bytes);
    return handled;
  };
  return { ...real, handleExit };
});

beforeEach(() => {
  meddling.writes = [];
});

/** An instruction that asks, what it takes over from an answer, and what it demands of it. */
interface Question {
  readonly setup?: string;
  readonly text: string;
  readonly marked: readonly GhcbField[];
  readonly takes: (read: (field: GhcbField) => bigint, page: Uint8Array) => Partial<Registers>;
  readonly demands?: (read: (field: GhcbField) => bigint) => boolean;
}

const low = (value: bigint, bits = 32): bigint => BigInt.asUintN(bits, value);
const CPUID_FIELDS = ['rax', 'rbx', 'rcx', 'rdx'] as const;
const cpuid = (leaf: number, demands: NonNullable<Question['demands']> = () => true): Question => ({
  setup: `mov eax, ${leaf}\nxor ecx, ecx`,
  text: 'cpuid',
  marked: CPUID_FIELDS,
  takes: (read) => Object.fromEntries(CPUID_FIELDS.map((name) => [name, read(name)])),
  demands: (read) => CPUID_FIELDS.every((name) => read(name) < 2n ** 32n) && demands(read),
});
const input = (register: string, bits: number): Question => ({
  text: `in ${register}, 0x60`,
  marked: ['rax'],
  takes: (read) => {
    const kept = bits === 32 ? 0n : (mark(1) >> BigInt(bits)) << BigInt(bits);
    return { rax: kept | low(read('rax'), bits) };
  },
});
const nothing = (text: string): Question => ({ text, marked: [], takes: () => ({}) });

const QUESTIONS: readonly Question[] = [
  cpuid(0),
  cpuid(1),
  cpuid(0x4000_0000),
  cpuid(0x8000_0000, (read) => read('rax') >= 0x8000_001fn),
  cpuid(0x8000_001f, (read) => (read('rax') & 0xan) === 0xan && (read('rbx') & 0x3fn) === 51n),
  cpuid(13, (read) => (read('rax') & 1n) === 1n && read('rbx') >= 0x240n && read('rbx') <= read('rcx')),
  {
    setup: 'mov ecx, 0x277',
    text: 'rdmsr',
    marked: ['rax', 'rdx'],
    takes: (read) => ({ rax: low(read('rax')), rdx: low(read('rdx')) }),
  },
  {
    text: 'rdtscp',
    marked: ['rax', 'rcx', 'rdx'],
    takes: (read) => ({ rax: low(read('rax')), rcx: low(read('rcx')), rdx: low(read('rdx')) }),
  },
  { text: 'vmmcall', marked: ['rax'], takes: (read) => ({ rax: read('rax') }) },
  { text: 'mov rsi, dr7', marked: ['rax'], takes: (read) => ({ rsi: read('rax') }) },
  {
    setup: 'mov rbx, 0x7f00fee00000',
    text: 'mov si, [rbx + 0x30]',
    marked: [],
    takes: (_, page) => {
      const loaded = readUint(page, GHCB_PARTS.sharedBuffer.offset, 2);
      return { rsi: ((mark(6) >> 16n) << 16n) | loaded };
    },
  },
  input('al', 8),
  input('ax', 16),
  input('eax', 32),
  nothing('out 0xe9, al'),
  nothing('wbinvd'),
];

const value = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 3n, 0x2fn, 0x33n, 0x240n, 2n ** 32n, 2n ** 63n, 0x8000_0306n, 0x8000_0b0dn),
  fc.constantFrom(0x8000_030en, 0x8000_0606n, 0x306n, 2n ** 32n + 1n, 0xffff_ffffn),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const told = fc.constantFrom<GhcbField>('rax', 'rbx', 'rcx', 'rdx', 'swExitInfo1', 'swExitInfo2');
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.tuple(told, value).map(([name, v]) => ({ offset: GHCB_FIELDS[name].offset, bytes: u64(v) })),
  fc.tuple(fc.nat(15), fc.nat(255)).map(([at, bits]) => ({ offset: 0x3f0 + at, bytes: Uint8Array.of(bits) })),
  fc.constant({ offset: 0x3f0, bytes: new Uint8Array(16).fill(0xff) }),
  fc
    .tuple(fc.nat(PAGE_SIZE - 16), fc.uint8Array({ minLength: 1, maxLength: 16 }))
    .map(([offset, bytes]) => ({ offset, bytes })),
);
const lie = fc
  .record({
    exit: fc.constantFrom('CPUID', 'MSR', 'IOIO', 'RDTSCP', 'VMMCALL', 'MMIO_READ'),
    field: fc.oneof(told, fc.constantFrom(...GHCB_FIELD_NAMES)),
    how: fc.constantFrom('value', 'value', 'invalid'),
    value: value.map((v) => `0x${v.toString(16)}`),
  })
  .map((fields) => ({ type: 'xen.lie', guest: 'alice', ...fields }));

const MARKS = (['rax', 'rcx', 'rdx', 'rbx', 'rbp', 'rsi', 'rdi', 'r8', 'r15'] as const)
  .map((name, index) => `mov ${name}, ${mark(index + 1)}`)
  .join('\n');

/** Alice before a question, her registers marked. */
function asking({ setup = '', text }: Question, checks = true): Bench {
  const bench = withGuests(['alice']);
  bench.done({ type: 'guest.handler', guest: 'alice', checks, shares: 'needed' });
  bench.done({ type: 'xen.intercept', guest: 'alice', event: 'RDTSCP', on: true });
  meddling.spa = bench.spaOf('alice', ghcbOf(bench, 'alice'));
  const first = `${MARKS}\n${setup}`.trim();
  bench.done({ type: 'guest.program', guest: 'alice', text: `${first}\n${text}\nhlt` });
  bench.done({ type: 'guest.step', guest: 'alice', count: first.split('\n').length });
  return bench;
}

/** GVA behind the question: where the last HLT of the program stands. */
function behind(bench: Bench): bigint {
  const { address = 0, lines = [] } = bench.state.need('guest', 1).program ?? {};
  return BigInt(address + (lines.at(-1)?.offset ?? 0));
}

describe('a guest that checks, whatever it is told', () => {
  it('takes what is marked and possible, each register by its size, and stops before anything else', () => {
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(
        fc.constantFrom(...QUESTIONS),
        fc.array(lie, { maxLength: 4, size: 'max' }),
        fc.array(write, { maxLength: 4, size: 'max' }),
        (question, lies, writes) => {
          meddling.writes = [];
          const bench = asking(question);
          const start = coreRegisters(bench, 1);
          for (const each of lies) bench.done(each);
          meddling.writes = writes;
          const outcome = bench.perform({ type: 'guest.step', guest: 'alice' });
          meddling.writes = [];
          const page = bench.seen({ eye: 'host', c: 0 }, meddling.spa, PAGE_SIZE);
          const read = (field: GhcbField) => readGhcb(page, field);
          const fine =
            low(read('swExitInfo1')) === 0n &&
            question.marked.every((field) => isValid(page, field)) &&
            (question.demands?.(read) ?? true);
          expect(outcome.ok).toBe(fine);
          if (bench.domain('alice').paused) bench.done({ type: 'xl.unpause', guest: 'alice' });
          const { ghcb: _, ...after } = registers(bench, 'alice');
          const { ghcb: __, ...kept } = start;
          expect(after).toEqual(fine ? { ...kept, rip: behind(bench), ...question.takes(read, page) } : kept);
          expect(bench.state.need('guest', 1)).toMatchObject({ cBit: 51 });
          expect(bench.state.need('guest', 1).believesPlain ?? false).toBe(false);
          if (fine) taken++;
          else refused++;
        },
      ),
      settings,
    );
    expect(Math.min(taken, refused)).toBeGreaterThan(RUNS / 10);
  });

  it('asks for its end, or raises one of two exceptions', () => {
    const results: readonly (readonly [info1: bigint, info2: bigint, rule: string])[] = [
      [1n, 0x8000_0b0dn, 'guest.exception-from-hypervisor'],
      [1n, 0x8000_0306n, 'guest.exception-from-hypervisor'],
      [1n, 0x8000_030en, 'ghcb.answer.exception'],
      [1n, 0x306n, 'ghcb.answer.exception'],
      [1n, 0x8000_0606n, 'ghcb.answer.exception'],
      [2n, 4n, 'ghcb.answer.refused'],
      [3n, 0n, 'ghcb.answer.result'],
    ];
    for (const [info1, info2, rule] of results) {
      meddling.writes = [];
      const bench = asking(cpuid(1));
      meddling.writes = [
        { offset: GHCB_FIELDS.swExitInfo1.offset, bytes: new Uint8Array([...u64(info1), ...u64(info2)]) },
      ];
      const outcome = bench.perform({ type: 'guest.step', guest: 'alice' });
      expect(outcome.ok).toBe(false);
      const rules = bench.changes.flatMap((change) => (change.store === 'fact' ? [change.rule?.id] : []));
      expect(rules, `${info1} ${info2}`).toContain(rule);
      expect(bench.domain('alice').paused).toBe(rule !== 'guest.exception-from-hypervisor');
    }
  });
});

describe('a guest that does not check', () => {
  it('takes over what nobody has marked, and 64 bits where there are 32', () => {
    const bench = asking(cpuid(0x8000_001f), false);
    meddling.writes = [
      { offset: 0x3f0, bytes: new Uint8Array(16) },
      ...CPUID_FIELDS.map((name) => ({ offset: GHCB_FIELDS[name].offset, bytes: u64(mark(0x99)) })),
    ];
    bench.done({ type: 'guest.step', guest: 'alice' });
    const found = mark(0x99);
    expect(registers(bench, 'alice')).toMatchObject({ rax: found, rbx: found, rcx: found, rdx: found });
    expect(bench.state.need('guest', 1).believesPlain).toBe((found & 2n) === 0n);
  });
});
