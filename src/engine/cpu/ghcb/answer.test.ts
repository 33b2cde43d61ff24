import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import { EXIT } from '../exits';
import { ANSWER_RULES, checkAnswer } from './answer';
import type { NaeRequest } from './event';
import { NAE_EVENTS, outputsOf } from './events';
import { encodeIoio } from './ioio';
import { type GhcbValues, ghcbWrites, written } from './layout';
import { encodeResult, exceptionResult } from './result';
import { SOFTWARE_EVENT } from './softwareEvents';

const asked = (code: number, given: Partial<NaeRequest> = {}) => ({
  code,
  info1: 0n,
  info2: 0n,
  rax: 0n,
  ...given,
});

/** A page as a hypervisor leaves it that cleared the bitmap and then marked these fields. */
function answer(values: GhcbValues): Uint8Array {
  const empty = new Uint8Array(PAGE_SIZE);
  return written(empty, ghcbWrites(empty, values));
}

const port = { port: 0x60, string: false, rep: false, bytes: 1, addressBits: 64, segment: 0 };
const IN = encodeIoio({ ...port, input: true });
const OUT = encodeIoio({ ...port, input: false });

describe('answers that a guest takes', () => {
  it.each<[string, ReturnType<typeof asked>, GhcbValues]>([
    ['CPUID', asked(EXIT.CPUID), { rax: 1n, rbx: 2n, rcx: 3n, rdx: 4n }],
    ['IN', asked(EXIT.IOIO, { info1: IN }), { rax: 0x1cn }],
    ['OUT', asked(EXIT.IOIO, { info1: OUT }), {}],
    ['WRMSR', asked(EXIT.MSR, { info1: 1n }), {}],
    ['MMIO read', asked(SOFTWARE_EVENT.MMIO_READ), {}],
    ['#GP for an MSR', asked(EXIT.MSR), encodeResult(exceptionResult('GP'))],
    ['#UD', asked(EXIT.CPUID), encodeResult(exceptionResult('UD'))],
    ['the size of a list', asked(SOFTWARE_EVENT.APIC_ID_LIST), { rax: 2n }],
  ])('%s', (_, request, values) => {
    expect(checkAnswer(answer(values), request)).toEqual([]);
  });
});

describe('answers that a guest does not take', () => {
  it('CPUID without EBX and EDX: both are named', () => {
    const problems = checkAnswer(answer({ rax: 1n, rcx: 3n }), asked(EXIT.CPUID));
    expect(problems.map(({ field, rule }) => [field, rule])).toEqual([
      ['rbx', ANSWER_RULES.output],
      ['rdx', ANSWER_RULES.output],
    ]);
    expect(problems[0]?.message).toBe('CPUID returns RBX; bit 99 of VALID_BITMAP is clear.');
  });

  it.each<[string, ReturnType<typeof asked>, GhcbValues, keyof typeof ANSWER_RULES]>([
    ['IN without RAX', asked(EXIT.IOIO, { info1: IN }), {}, 'output'],
    ['RDMSR without RDX', asked(EXIT.MSR), { rax: 0n }, 'output'],
    ['RDTSCP without RCX', asked(EXIT.RDTSCP), { rax: 0n, rdx: 0n }, 'output'],
    ['a result of 3', asked(EXIT.CPUID), { swExitInfo1: 3n }, 'result'],
    ['a refusal', asked(EXIT.CPUID), { swExitInfo1: 2n, swExitInfo2: 4n }, 'refused'],
    ['#PF', asked(EXIT.MSR), { swExitInfo1: 1n, swExitInfo2: 0x8000_0b0en }, 'exception'],
    ['#VC', asked(EXIT.MSR), { swExitInfo1: 1n, swExitInfo2: 0x8000_0b1dn }, 'exception'],
    ['an interrupt 13', asked(EXIT.MSR), { swExitInfo1: 1n, swExitInfo2: 0x8000_000dn }, 'exception'],
    ['#GP that is not valid', asked(EXIT.MSR), { swExitInfo1: 1n, swExitInfo2: 0xb0dn }, 'exception'],
  ])('%s', (_, request, values, rule) => {
    expect(checkAnswer(answer(values), request).map((problem) => problem.rule)).toEqual([ANSWER_RULES[rule]]);
  });
});

describe('any answer', () => {
  const requests = fc.record({
    code: fc.constantFrom(...NAE_EVENTS.map(({ code }) => code), 0, -1, 0x8000_0006),
    info1: fc.bigInt(0n, 2n ** 64n - 1n),
    info2: fc.bigInt(0n, 2n ** 64n - 1n),
    rax: fc.bigInt(0n, 2n ** 64n - 1n),
  });

  it('is judged, whatever bytes it has', () => {
    const pages = fc.uint8Array({ minLength: PAGE_SIZE, maxLength: PAGE_SIZE });
    fc.assert(
      fc.property(pages, requests, (page, request) => {
        for (const { rule } of checkAnswer(page, request))
          expect(Object.values(ANSWER_RULES)).toContain(rule);
      }),
      { numRuns: 100 },
    );
  });

  it('of success is taken exactly when every output of the request is marked', () => {
    fc.assert(
      fc.property(requests, fc.boolean(), (request, leaveOneOut) => {
        const event = NAE_EVENTS.find(({ code }) => code === request.code);
        const outputs = event ? outputsOf(event, request) : [];
        const marked = leaveOneOut ? outputs.slice(1) : outputs;
        const problems = checkAnswer(answer(Object.fromEntries(marked.map((name) => [name, 1n]))), request);
        expect(problems.map(({ field }) => field)).toEqual(leaveOneOut ? outputs.slice(0, 1) : []);
      }),
    );
  });
});
