import type { CpuidCell } from '../core/cells';
import type { Generation } from '../core/config';
import type { State } from '../core/state';

/**
 * What each generation says of itself: CPUID Fn8000_001F and Fn8000_0008[EAX] as dumped from real parts
 * (InstLatx64, AuthenticAMD: 0800F12 Naples 7551P, 0830F10 Rome 7742, 0A00F11 Milan 7763, 0A10F11 Genoa 9124,
 * 0B00F21 Turin 9655).
 */
export const CPUID_SAMPLES: Record<
  Generation,
  CpuidCell & { readonly part: string; readonly keyBits: 128 | 256 }
> = {
  naples: { part: 'EPYC 7551P', keyBits: 128, ...sample(0x0000000f, 0x0000016f, 0x0000000f, 0x00003030) },
  rome: { part: 'EPYC 7742', keyBits: 128, ...sample(0x0001000f, 0x0000016f, 0x000001fd, 0x00003030) },
  milan: { part: 'EPYC 7763', keyBits: 128, ...sample(0x0001fc3f, 0x00004173, 0x000001fd, 0x00003030) },
  genoa: { part: 'EPYC 9124', keyBits: 256, ...sample(0x030ffffb, 0x000041b3, 0x000003ee, 0x00003934) },
  turin: { part: 'EPYC 9655', keyBits: 256, ...sample(0xcffffffb, 0x000041b3, 0x000003ee, 0x00003934) },
};

function sample(eax: number, ebx: number, ecx: number, fn80000008eax: number): CpuidCell {
  return { fn8000001f: { eax, ebx, ecx, edx: 1 }, fn80000008eax };
}

/** Names of the bits of Fn8000_001F[EAX]; sources in cpu-and-rmp.md A.1 (openSIL CcxReg.h, APM vol. 2, Linux cpufeatures.h). */
export const FEATURE_NAMES: readonly string[] = [
  'SME',
  'SEV',
  'PageFlushMsr',
  'SEV-ES',
  'SEV-SNP',
  'VMPL',
  'RMPQUERY',
  'VmplSSS',
  'SecureTsc',
  'TscAuxVirtualization',
  'HwEnfCacheCoh',
  '64BitHost',
  'RestrictedInjection',
  'AlternateInjection',
  'DebugVirt',
  'PreventHostIbs',
  'VTE',
  'VmgexitParameter',
  'VirtualTomMsr',
  'IbsVirtGuestCtl',
  'PmcVirtGuestCtl',
  'RMPREAD',
  'GuestInterceptControl',
  'SegmentedRmp',
  'VmsaRegProt',
  'SmtProtection',
  'SecureAvic',
  'AllowedSevFeatures',
  'SvsmCommPageMsr',
  'NestedVirtSnpMsr',
  'HvInUseWrAllowed',
  'IbpbOnEntry',
];

/**
 * CPUID decoded: Fn8000_001F[EBX] bits 5:0 are the C-bit position and 11:6 the physical-address bits lost, [ECX] is the highest
 * ASID of an encrypted guest, [EDX] the lowest for one without SEV-ES (APM vol. 3 Fn8000_001F; APM vol. 2 §15.34.1, §15.35.2).
 */
export interface Features {
  readonly cBit: number;
  readonly reduction: number;
  /** Physical address bits before and after the reduction. */
  readonly physicalBits: number;
  readonly hostBits: number;
  readonly maxAsid: number;
  readonly minPlainAsid: number;
  /** VMPLs: EBX[15:12]. */
  readonly vmpls: number;
  readonly has: (name: string) => boolean;
}

export function decodeCpuid({ fn8000001f, fn80000008eax }: CpuidCell): Features {
  const { eax, ebx, ecx, edx } = fn8000001f;
  const physicalBits = fn80000008eax & 0xff;
  const reduction = (ebx >>> 6) & 0x3f;
  return {
    cBit: ebx & 0x3f,
    reduction,
    physicalBits,
    hostBits: physicalBits - reduction,
    maxAsid: ecx,
    minPlainAsid: edx,
    vmpls: (ebx >>> 12) & 0xf,
    has: (name) => ((eax >>> FEATURE_NAMES.indexOf(name)) & 1) === 1,
  };
}

/** Every access asks, so what a cell says is kept: cells are replaced, never edited. */
const decoded = new WeakMap<CpuidCell, Features>();

export function featuresOf(state: State): Features {
  const cell = state.need('cpuid');
  const known = decoded.get(cell) ?? decodeCpuid(cell);
  decoded.set(cell, known);
  return known;
}
