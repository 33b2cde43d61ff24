import { describe, expect, it } from 'vitest';
import {
  advancesRip,
  EXIT,
  exitCodeOf,
  exitName,
  isAutomatic,
  NPF_RESERVED,
  needsInterceptBit,
} from './exits';
import { SEV_FEATURES, type SevFeature, sevStatus } from './sevFeatures';

/** APM vol. 2 table 15-33: every automatic exit, and whether hardware moves RIP. */
const AUTOMATIC: readonly (readonly [number, boolean | null])[] = [
  [0x52, false],
  [0x60, false],
  [0x61, false],
  [0x62, false],
  [0x63, false],
  [0x64, false],
  [0x77, true],
  [0x78, true],
  [0x7f, false],
  [0x8f, true],
  ...Array.from({ length: 16 }, (_, i) => [0x90 + i, true] as const),
  [0xa5, false],
  [0xa6, true],
  [0x400, false],
  [0x403, true],
  [-1, null],
  [-2, null],
  [-3, null],
  [-4, null],
];

const bit = (...names: SevFeature[]): bigint =>
  names.reduce((mask, name) => mask | (1n << BigInt(SEV_FEATURES[name].bit)), 0n);

describe('automatic exits', () => {
  it.each(AUTOMATIC)('%i is one; RIP advanced: %s', (code, advanced) => {
    expect([isAutomatic(code), advancesRip(code)]).toEqual([true, advanced]);
  });

  it('are no others', () => {
    const known = new Set(AUTOMATIC.map(([code]) => code));
    for (let code = -8; code < 0x410; code++)
      expect([code, isAutomatic(code)]).toEqual([code, known.has(code)]);
  });

  it('do not include a nested fault with a reserved bit, which is how MMIO reaches the guest', () => {
    expect(isAutomatic(EXIT.NPF, 0x1_0000_0004n)).toBe(true);
    expect(isAutomatic(EXIT.NPF, 0x1_0000_000dn)).toBe(false);
    expect(isAutomatic(EXIT.HLT, NPF_RESERVED)).toBe(true);
  });
});

describe('the intercept bit', () => {
  it.each<[string, number, bigint, boolean]>([
    ['HLT', EXIT.HLT, 0n, true],
    ['RDTSC', EXIT.RDTSC, bit('SNPActive'), true],
    ['CPUID', EXIT.CPUID, 0n, false],
    ['IOIO with SNP', EXIT.IOIO, bit('SNPActive'), false],
    ['VMGEXIT', EXIT.VMGEXIT, 0n, false],
    ['SMI', EXIT.SMI, 0n, false],
    ['VMSAVE', EXIT.VMSAVE, 0n, false],
    ['INTR', EXIT.INTR, 0n, true],
    ['INTR with restricted injection', EXIT.INTR, bit('RestrictedInjection'), false],
    ['NMI with alternate injection', EXIT.NMI, bit('AlternateInjection'), false],
    ['INIT with Secure AVIC', EXIT.INIT, bit('SecureAVIC'), false],
    ['#MC with VMPL shadow stacks', EXIT.MC, bit('VmplSSS'), true],
    ['VMEXIT_INVALID', EXIT.INVALID, 0n, false],
  ])('%s: needed %s', (_, code, features, needed) => {
    expect(needsInterceptBit(code, { features })).toBe(needed);
  });

  it('decides about CPUID of SEV-ES where the manual is read that way, never about that of SNP', () => {
    expect(needsInterceptBit(EXIT.CPUID, { cpuidAndPorts: 'by bit' })).toBe(true);
    expect(needsInterceptBit(EXIT.CPUID, { features: 1n, cpuidAndPorts: 'by bit' })).toBe(false);
  });

  it('decides about APIC registers unless injection is the VMSA’s', () => {
    const features = bit('AlternateInjection');
    const asked = [0x7ff, 0x800, 0x8ff, 0x900].map((msr) => needsInterceptBit(EXIT.MSR, { features, msr }));
    expect(asked).toEqual([true, false, false, true]);
    expect(needsInterceptBit(EXIT.MSR, { msr: 0x800 })).toBe(true);
  });
});

it('every reason has the name that the field uses', () => {
  const named = [0, 0x14, 0x27, 0x37, 0x40, 0x4e, 0x52, 0x5d, 0x72, 0x8f, 0x94, 0x400, 0x403, 0x999, -1];
  expect(named.map(exitName)).toEqual([
    'CR0_READ',
    'CR4_WRITE',
    'DR7_READ',
    'DR7_WRITE',
    'EXCEPTION_0',
    'EXCEPTION_14',
    'MC',
    'VC',
    'CPUID',
    'EFER_WRITE_TRAP',
    'CR4_WRITE_TRAP',
    'NPF',
    'VMGEXIT',
    '0x999',
    'INVALID',
  ]);
  expect(exitName(exitCodeOf(2n ** 64n - 4n))).toBe('INVALID_PMC');
});

it('SEV_STATUS shows SEV_FEATURES two bits up, and nothing of it without SEV-ES', () => {
  expect(sevStatus(false, bit('SNPActive'))).toBe(1n);
  expect(sevStatus(true, 0n)).toBe(3n);
  expect(sevStatus(true, bit('SNPActive', 'IbpbOnEntry'))).toBe(0x80_0007n);
});
