/** CPUID Fn0000_0001_EAX of QEMU's processor models, which is in RDX when a processor starts (QEMU target/i386/cpu.c). */
const SIGNATURES = {
  EPYC: 0x00800f12,
  'EPYC-Rome': 0x00830f10,
  'EPYC-Milan': 0x00a00f11,
  'EPYC-Genoa': 0x00a10f10,
  'EPYC-Turin': 0x00b00f00,
} as const;

/** Versions that QEMU gives names of their own; each has the signature of its model. */
const VERSIONS = {
  EPYC: ['', '-v1', '-v2', '-IBPB', '-v3', '-v4'],
  'EPYC-Rome': ['', '-v1', '-v2', '-v3'],
  'EPYC-Milan': ['', '-v1', '-v2'],
  'EPYC-Genoa': ['', '-v1'],
  'EPYC-Turin': [''],
} as const satisfies Record<keyof typeof SIGNATURES, readonly string[]>;

/** Signature by the name of a processor model: `EPYC-Milan-v2` (virtee/sev-snp-measure vcpu_types.py). */
export const VCPU_SIGNATURES: ReadonlyMap<string, number> = new Map(
  (Object.keys(SIGNATURES) as (keyof typeof SIGNATURES)[]).flatMap((model) =>
    VERSIONS[model].map((version) => [`${model}${version}`, SIGNATURES[model]] as const),
  ),
);

/**
 * The signature of a processor (APM vol. 3, Fn0000_0001_EAX): a family above 15 goes on in the extended family, the upper
 * half of the model is the extended model.
 * @param family 8 bits. @param model 8 bits. @param stepping 4 bits.
 */
export function signatureFrom(family: number, model: number, stepping: number): number {
  const base = Math.min(family, 15);
  return ((family - base) << 20) | ((model >> 4) << 16) | (base << 8) | ((model & 0xf) << 4) | stepping;
}
