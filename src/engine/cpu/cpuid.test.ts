import { describe, expect, it } from 'vitest';
import { GENERATIONS } from '../core/config';
import { CPUID_SAMPLES, decodeCpuid, FEATURE_NAMES } from './cpuid';

/**
 * What the dumps say once decoded (InstLatx64, AuthenticAMD; openSIL CcxReg.h and APM vol. 2 §15.34 for the bits): C-bit
 * position, reduction, physical bits left, last ASID, names of the features that are and of some that are not there.
 */
const TABLE = {
  naples: {
    cBit: 47,
    reduction: 5,
    hostBits: 43,
    maxAsid: 15,
    has: ['SME', 'SEV', 'PageFlushMsr', 'SEV-ES'],
    hasNot: ['SEV-SNP', 'HwEnfCacheCoh', 'VTE', '64BitHost'],
  },
  rome: {
    cBit: 47,
    reduction: 5,
    hostBits: 43,
    maxAsid: 509,
    has: ['SME', 'SEV', 'PageFlushMsr', 'SEV-ES', 'VTE'],
    hasNot: ['SEV-SNP', 'HwEnfCacheCoh'],
  },
  milan: {
    cBit: 51,
    reduction: 5,
    hostBits: 43,
    maxAsid: 509,
    has: ['PageFlushMsr', 'SEV-SNP', 'VMPL', 'HwEnfCacheCoh', '64BitHost', 'VTE'],
    hasNot: ['RMPQUERY', 'VmplSSS', 'SecureTsc', 'VmgexitParameter'],
  },
  genoa: {
    cBit: 51,
    reduction: 6,
    hostBits: 46,
    maxAsid: 1006,
    has: ['SEV-SNP', 'RMPQUERY', 'SecureTsc', 'HwEnfCacheCoh', 'VmsaRegProt', 'SmtProtection'],
    hasNot: ['PageFlushMsr', 'PmcVirtGuestCtl', 'SecureAvic'],
  },
  turin: {
    cBit: 51,
    reduction: 6,
    hostBits: 46,
    maxAsid: 1006,
    has: ['SEV-SNP', 'PmcVirtGuestCtl', 'RMPREAD', 'SegmentedRmp', 'SecureAvic', 'IbpbOnEntry'],
    hasNot: ['PageFlushMsr', 'SvsmCommPageMsr', 'NestedVirtSnpMsr'],
  },
} as const;

describe.each(GENERATIONS)('CPUID of %s', (generation) => {
  const { has, hasNot, ...numbers } = TABLE[generation];
  const decoded = decodeCpuid(CPUID_SAMPLES[generation]);

  it('says where C is, what addresses lose and how many ASIDs there are', () => {
    expect(decoded).toMatchObject({ ...numbers, minPlainAsid: 1 });
  });

  it('has what the part has', () => {
    expect(has.filter((name) => !decoded.has(name))).toEqual([]);
    expect(hasNot.filter((name) => decoded.has(name))).toEqual([]);
  });
});

it('names all 32 bits', () => {
  expect(new Set(FEATURE_NAMES).size).toBe(32);
});
