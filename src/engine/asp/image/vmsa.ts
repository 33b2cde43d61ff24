import { PAGE_SIZE } from '../../core/address';

/** Hypervisors whose initial register state is known. Only QEMU's is published. */
export const VMM_TYPES = ['QEMU', 'ec2', 'gce'] as const;
export type VmmType = (typeof VMM_TYPES)[number];

/** Where the first processor starts: the reset vector. */
export const BSP_RESET_ADDRESS = 0xfffffff0;

/** Offsets in the VMSA (APM vol. 2 table B-4). */
const AT = {
  ES: 0x000,
  CS: 0x010,
  SS: 0x020,
  DS: 0x030,
  FS: 0x040,
  GS: 0x050,
  GDTR: 0x060,
  LDTR: 0x070,
  IDTR: 0x080,
  TR: 0x090,
  EFER: 0x0d0,
  CR4: 0x148,
  CR0: 0x158,
  DR7: 0x160,
  DR6: 0x168,
  RFLAGS: 0x170,
  RIP: 0x178,
  G_PAT: 0x268,
  RDX: 0x310,
  SEV_FEATURES: 0x3b0,
  XCR0: 0x3e8,
  MXCSR: 0x408,
  X87_FCW: 0x410,
} as const;

type Register = keyof typeof AT;

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
const COMMON: Partial<Record<Register, number>> = {
  EFER: 0x1000,
  CR4: 0x40,
  CR0: 0x10,
  DR7: 0x400,
  DR6: 0xffff0ff0,
  RFLAGS: 0x2,
  XCR0: 0x1,
};

const SEGMENT_LIMIT = 0xffff;

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
  const view = new DataView(page.buffer);
  const { first, others, pat, rdx, mxcsr, fcw } = TEMPLATES[of.vmm];
  const { CS, SS, TR } = of.first ? first : others;
  const segment = (name: Register, attributes: number, selector = 0, base = 0): void => {
    view.setUint16(AT[name], selector, true);
    view.setUint16(AT[name] + 2, attributes, true);
    view.setUint32(AT[name] + 4, SEGMENT_LIMIT, true);
    view.setUint32(AT[name] + 8, base, true);
  };
  const register = (name: Register, value: number): void => view.setUint32(AT[name], value, true);

  for (const name of ['ES', 'DS', 'FS', 'GS'] as const) segment(name, 0x93);
  segment('CS', CS, 0xf000, (of.address & 0xffff_0000) >>> 0);
  segment('SS', SS);
  segment('GDTR', 0);
  segment('LDTR', 0x82);
  segment('IDTR', 0);
  segment('TR', TR);
  for (const [name, value] of Object.entries(COMMON)) register(name as Register, value);
  register('RIP', of.address & 0xffff);
  register('RDX', rdx ?? of.signature);
  register('MXCSR', mxcsr);
  register('X87_FCW', fcw);
  view.setBigUint64(AT.G_PAT, pat, true);
  view.setBigUint64(AT.SEV_FEATURES, of.features, true);
  return page;
}
