import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CPUID_SAMPLES } from '../cpuid';
import { type CpuidAnswer, checkCpuidAnswer } from './cpuidAnswer';

const KNOWN = { cBit: 51, sevStatus: 3n, xcr0: 7n };
const { eax, ebx, ecx, edx } = CPUID_SAMPLES.milan.fn8000001f;

/** Milan’s own answer to Fn8000_001F, with something else. */
const encryption = (given: Partial<CpuidAnswer> = {}): CpuidAnswer => ({
  leaf: 0x8000_001f,
  subleaf: 0,
  eax: BigInt(eax),
  ebx: BigInt(ebx),
  ecx: BigInt(ecx),
  edx: BigInt(edx),
  ...given,
});

const xsave = (given: Partial<CpuidAnswer> = {}): CpuidAnswer => ({
  leaf: 0xd,
  subleaf: 0,
  eax: 7n,
  ebx: 0x340n,
  ecx: 0x988n,
  edx: 0n,
  ...given,
});

const problems = (answer: CpuidAnswer, known = KNOWN): string[] =>
  checkCpuidAnswer(answer, known).map(({ rule }) => rule.id.replace('ghcb.cpuid.', ''));

describe('what a careful guest makes of CPUID answers', () => {
  it.each<[string, CpuidAnswer, string[]]>([
    ['the truth about encryption', encryption(), []],
    ['the truth about XSAVE', xsave(), []],
    ['no SEV', encryption({ eax: BigInt(eax & ~2) }), ['sev']],
    ['no SEV-ES', encryption({ eax: BigInt(eax & ~8) }), ['es']],
    ['a C-bit at 46', encryption({ ebx: BigInt((ebx & ~0x3f) | 46) }), ['c-bit']],
    ['nothing at all', encryption({ eax: 0n, ebx: 0n }), ['sev', 'es', 'c-bit']],
    ['no leaf of encryption', encryption({ leaf: 0x8000_0000, eax: 0x8000_001en }), ['leaf']],
    ['the leaf of encryption as the last', encryption({ leaf: 0x8000_0000, eax: 0x8000_001fn }), []],
    ['more than 32 bits', encryption({ edx: 1n << 32n }), ['width']],
    ['an XCR0 that is not allowed', xsave({ eax: 3n }), ['xsave']],
    ['an area without its header', xsave({ ebx: 0x200n }), ['xsave']],
    ['an area larger than the largest', xsave({ ebx: 0x989n }), ['xsave']],
    ['anything about a sub-leaf', xsave({ subleaf: 1, ebx: 0n }), []],
    ['anything about another leaf', encryption({ leaf: 1, eax: 0n, ebx: 0n }), []],
  ])('%s', (_, answer, rules) => {
    expect(problems(answer)).toEqual(rules);
  });

  it('a C-bit below 32 is refused even where both lies agree', () => {
    expect(problems(encryption({ ebx: 5n }), { ...KNOWN, cBit: 5 })).toEqual(['c-bit']);
  });

  it('any answer is judged', () => {
    const any64 = fc.bigInt(0n, 2n ** 64n - 1n);
    const leaf = fc.constantFrom(0, 1, 0xd, 0x8000_0000, 0x8000_001f);
    const answers = fc.record({ leaf, subleaf: fc.nat(3), eax: any64, ebx: any64, ecx: any64, edx: any64 });
    fc.assert(
      fc.property(answers, (answer) => {
        expect(Array.isArray(checkCpuidAnswer(answer, KNOWN))).toBe(true);
      }),
    );
  });
});
