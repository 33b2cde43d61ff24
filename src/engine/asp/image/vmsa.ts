import { PAGE_SIZE } from '../../core/address';
import { type VmsaNumber, type VmsaSegment, writeVmsaField, writeVmsaSegment } from '../../cpu/vmsaFields';

/** Hypervisors whose initial register state is known. Only QEMU's is published. */
export const VMM_TYPES = ['QEMU', 'ec2', 'gce'] as const;
export type VmmType = (typeof VMM_TYPES)[number];

/** Where the first processor starts: the reset vector. */
export const BSP_RESET_ADDRESS = 0xfffffff0;

/** Segment attributes of a processor that has just started. */
type Segments = Readonly<Record<'CS' | 'SS' | 'TR', number>>;

/** In what the hypervisors differ (virtee/sev-snp-measure vmsa.py, which observed ec2 and gce from outside). */
interface Template {
  readonly first: Segments;
  readonly others: Segments;
  readonly pat: bigint;
  /** RDX at the start; null: the processor's signature. */
  readonly rdx: number | null;
  readonly mxcsr: number;
  readonly fcw: number;
}

const USUAL: Segments = { CS: 0x9b, SS: 0x93, TR: 0x8b };

const TEMPLATES: Readonly<Record<VmmType, Template>> = {
  QEMU: {
    first: USUAL,
    others: USUAL,
    pat: 0x0007_0406_0007_0406n,
    rdx: null,
    mxcsr: 0x1f80,
    fcw: 0x37f,
  },
  ec2: {
    first: { CS: 0x9a, SS: 0x92, TR: 0x83 },
    others: { CS: 0x9b, SS: 0x92, TR: 0x83 },
    pat: 0x0007_0406_0007_0406n,
    rdx: 0x600,
    mxcsr: 0,
    fcw: 0,
  },
  gce: { first: USUAL, others: USUAL, pat: 0x0007_0106n, rdx: 0x600, mxcsr: 0, fcw: 0 },
};

/** Registers that are the same everywhere. */
const COMMON: Partial<Record<VmsaNumber, bigint>> = {
  efer: 0x1000n,
  cr4: 0x40n,
  cr0: 0x10n,
  dr7: 0x400n,
  dr6: 0xffff0ff0n,
  rflags: 0x2n,
  xcr0: 0x1n,
};

const SEGMENT_LIMIT = 0xffffn;

/**
 * The 4096 bytes in which a hypervisor hands over the registers of a processor that is to start.
 * @param of `address`: EIP with its CS base; `signature`: CPUID Fn0000_0001_EAX; `features`: SEV_FEATURES, 0 for SEV-ES.
 */
export function vmsaPage(of: {
  readonly vmm: VmmType;
  readonly first: boolean;
  readonly address: number;
  readonly signature: number;
  readonly features: bigint;
}): Uint8Array {
  const page = new Uint8Array(PAGE_SIZE);
  const { first, others, pat, rdx, mxcsr, fcw } = TEMPLATES[of.vmm];
  const { CS, SS, TR } = of.first ? first : others;
  const segment = (name: VmsaSegment, attributes: number, selector = 0n, base = 0n): void => {
    writeVmsaSegment(page, name, 'selector', selector);
    writeVmsaSegment(page, name, 'attributes', BigInt(attributes));
    writeVmsaSegment(page, name, 'limit', SEGMENT_LIMIT);
    writeVmsaSegment(page, name, 'base', base);
  };
  for (const name of ['es', 'ds', 'fs', 'gs'] as const) segment(name, 0x93);
  segment('cs', CS, 0xf000n, BigInt((of.address & 0xffff_0000) >>> 0));
  segment('ss', SS);
  segment('gdtr', 0);
  segment('ldtr', 0x82);
  segment('idtr', 0);
  segment('tr', TR);
  const registers: Partial<Record<VmsaNumber, bigint>> = {
    ...COMMON,
    rip: BigInt(of.address & 0xffff),
    rdx: BigInt((rdx ?? of.signature) >>> 0),
    mxcsr: BigInt(mxcsr),
    x87Fcw: BigInt(fcw),
    gPat: pat,
    sevFeatures: of.features,
  };
  for (const [name, value] of Object.entries(registers)) writeVmsaField(page, name as VmsaNumber, value);
  return page;
}
