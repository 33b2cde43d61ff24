import { readUint, uint } from '../core/bytes';

/** A part of the VMSA. Without `kind` it is a little-endian number of 1, 2, 4 or 8 bytes. */
interface Field {
  readonly offset: number;
  readonly size: number;
  /** `segment`: four numbers, see `SEGMENT_PARTS`; `bytes`: neither a number nor a segment. */
  readonly kind?: 'segment' | 'bytes';
  readonly help: string;
}

const segment = (offset: number, name: string) =>
  ({ offset, size: 16, kind: 'segment', help: `${name}: selector, attributes, limit and base` }) as const;

const number = <S extends 1 | 2 | 4 | 8>(offset: number, size: S, help: string) =>
  ({ offset, size, help }) as const;

const bytes = (offset: number, size: number, help: string) =>
  ({ offset, size, kind: 'bytes', help }) as const;

/**
 * The VM save area of SEV-ES and SEV-SNP: a page of the guest’s own memory in which hardware keeps a vCPU’s registers
 * (APM vol. 2 Appendix B, table B-4; Linux arch/x86/include/asm/svm.h; AMD-ASPFW sev_es.h for what begins at 0x980). What
 * the VMCB’s save area has too lies at the same offset here, but RSP has no second place among the other registers.
 */
export const VMSA_FIELDS = {
  es: segment(0x000, 'ES'),
  cs: segment(0x010, 'CS'),
  ss: segment(0x020, 'SS'),
  ds: segment(0x030, 'DS'),
  fs: segment(0x040, 'FS'),
  gs: segment(0x050, 'GS'),
  gdtr: segment(0x060, 'GDTR'),
  ldtr: segment(0x070, 'LDTR'),
  idtr: segment(0x080, 'IDTR'),
  tr: segment(0x090, 'TR'),
  pl0Ssp: number(0x0a0, 8, 'shadow stack of CPL 0'),
  pl1Ssp: number(0x0a8, 8, 'shadow stack of CPL 1'),
  pl2Ssp: number(0x0b0, 8, 'shadow stack of CPL 2'),
  pl3Ssp: number(0x0b8, 8, 'shadow stack of CPL 3'),
  uCet: number(0x0c0, 8, 'U_CET'),
  vmpl: number(0x0ca, 1, 'VM privilege level; 0 is the highest'),
  cpl: number(0x0cb, 1, 'current privilege level'),
  efer: number(0x0d0, 8, 'EFER'),
  xss: number(0x140, 8, 'XSS'),
  cr4: number(0x148, 8, 'CR4'),
  cr3: number(0x150, 8, 'CR3, with its C-bit'),
  cr0: number(0x158, 8, 'CR0'),
  dr7: number(0x160, 8, 'DR7'),
  dr6: number(0x168, 8, 'DR6'),
  rflags: number(0x170, 8, 'RFLAGS'),
  rip: number(0x178, 8, 'RIP'),
  dr0: number(0x180, 8, 'DR0'),
  dr1: number(0x188, 8, 'DR1'),
  dr2: number(0x190, 8, 'DR2'),
  dr3: number(0x198, 8, 'DR3'),
  dr0AddrMask: number(0x1a0, 8, 'address mask of DR0'),
  dr1AddrMask: number(0x1a8, 8, 'address mask of DR1'),
  dr2AddrMask: number(0x1b0, 8, 'address mask of DR2'),
  dr3AddrMask: number(0x1b8, 8, 'address mask of DR3'),
  rsp: number(0x1d8, 8, 'RSP'),
  sCet: number(0x1e0, 8, 'S_CET'),
  ssp: number(0x1e8, 8, 'SSP'),
  isstAddr: number(0x1f0, 8, 'interrupt shadow stack table'),
  rax: number(0x1f8, 8, 'RAX'),
  star: number(0x200, 8, 'STAR'),
  lstar: number(0x208, 8, 'LSTAR'),
  cstar: number(0x210, 8, 'CSTAR'),
  sfmask: number(0x218, 8, 'SFMASK'),
  kernelGsBase: number(0x220, 8, 'KernelGSbase'),
  sysenterCs: number(0x228, 8, 'SYSENTER_CS'),
  sysenterEsp: number(0x230, 8, 'SYSENTER_ESP'),
  sysenterEip: number(0x238, 8, 'SYSENTER_EIP'),
  cr2: number(0x240, 8, 'CR2'),
  gPat: number(0x268, 8, 'PAT of the guest'),
  dbgctl: number(0x270, 8, 'DEBUGCTL'),
  brFrom: number(0x278, 8, 'last branch: from'),
  brTo: number(0x280, 8, 'last branch: to'),
  lastExcpFrom: number(0x288, 8, 'last exception: from'),
  lastExcpTo: number(0x290, 8, 'last exception: to'),
  specCtrl: number(0x2e0, 8, 'SPEC_CTRL of the guest'),
  pkru: number(0x2e8, 4, 'PKRU'),
  tscAux: number(0x2ec, 4, 'TSC_AUX'),
  guestTscScale: number(0x2f0, 8, 'Secure TSC: scale'),
  guestTscOffset: number(0x2f8, 8, 'Secure TSC: offset'),
  regProtNonce: number(0x300, 8, 'VmsaRegProt: what protected registers are XORed with'),
  rcx: number(0x308, 8, 'RCX'),
  rdx: number(0x310, 8, 'RDX'),
  rbx: number(0x318, 8, 'RBX'),
  secureAvicControl: number(0x320, 8, 'Secure AVIC control; reserved before Secure AVIC'),
  rbp: number(0x328, 8, 'RBP'),
  rsi: number(0x330, 8, 'RSI'),
  rdi: number(0x338, 8, 'RDI'),
  r8: number(0x340, 8, 'R8'),
  r9: number(0x348, 8, 'R9'),
  r10: number(0x350, 8, 'R10'),
  r11: number(0x358, 8, 'R11'),
  r12: number(0x360, 8, 'R12'),
  r13: number(0x368, 8, 'R13'),
  r14: number(0x370, 8, 'R14'),
  r15: number(0x378, 8, 'R15'),
  firmwareZero: number(0x380, 8, 'reserved; the firmware writes zero (AMD-ASPFW sev_es.c)'),
  checksumPointer: number(
    0x388,
    8,
    'reserved; the firmware writes where the checksum lies, all ones with SNP (AMD-ASPFW sev_es.c)',
  ),
  guestExitInfo1: number(0x390, 8, 'EXITINFO1 of an automatic exit of an SNP guest'),
  guestExitInfo2: number(0x398, 8, 'EXITINFO2 of an automatic exit of an SNP guest'),
  guestExitIntInfo: number(0x3a0, 8, 'EXITINTINFO of an automatic exit of an SNP guest'),
  guestNrip: number(0x3a8, 8, 'address of the next instruction at such an exit'),
  sevFeatures: number(0x3b0, 8, 'SEV_FEATURES: bit n shows in bit n + 2 of SEV_STATUS'),
  vintrCtrl: number(0x3b8, 8, 'interrupt state with AlternateInjection; bit 63 BUSY'),
  guestExitCode: number(0x3c0, 8, 'EXITCODE of an automatic exit of an SNP guest'),
  virtualTom: number(0x3c8, 8, 'vTOM: addresses below it are private'),
  tlbId: number(0x3d0, 8, 'TLB_ID, which decides about flushes at VMRUN of an SNP guest'),
  pcpuId: number(0x3d8, 8, 'PCPU_ID, which decides about flushes at VMRUN of an SNP guest'),
  eventInj: number(0x3e0, 8, 'event to deliver, with AlternateInjection'),
  xcr0: number(0x3e8, 8, 'XCR0'),
  x87Dp: number(0x400, 8, 'x87 data pointer'),
  mxcsr: number(0x408, 4, 'MXCSR'),
  x87Ftw: number(0x40c, 2, 'x87 tag word'),
  x87Fsw: number(0x40e, 2, 'x87 status word'),
  x87Fcw: number(0x410, 2, 'x87 control word'),
  x87Fop: number(0x412, 2, 'x87 opcode'),
  x87Ds: number(0x414, 2, 'x87 data segment'),
  x87Cs: number(0x416, 2, 'x87 code segment'),
  x87Rip: number(0x418, 8, 'x87 instruction pointer'),
  fpregX87: bytes(0x420, 80, 'x87 registers'),
  fpregXmm: bytes(0x470, 256, 'XMM0 to XMM15'),
  fpregYmm: bytes(0x570, 256, 'upper halves of YMM0 to YMM15'),
  lbrStack: bytes(0x670, 256, 'last branches'),
  lbrSelect: number(0x770, 8, 'which branches are recorded'),
  ibsState: bytes(0x778, 80, 'instruction-based sampling'),
  guestInterceptVectors: bytes(0x900, 32, 'GuestInterceptCtl: which events the guest wants intercepted'),
  guestMsrInterceptVectors: bytes(0x920, 32, 'GuestInterceptCtl: the same for MSRs'),
  fpregOpmask: bytes(0x980, 64, 'mask registers k0 to k7'),
  fpregZmmHigh: bytes(0x9c0, 512, 'upper halves of ZMM0 to ZMM15'),
  fpregHiZmm: bytes(0xbc0, 1024, 'ZMM16 to ZMM31'),
} as const satisfies Record<string, Field>;

/** Bytes of a VMSA that the checksum of SEV-ES covers, from its first on (AMD-ASPFW sev_es.c). */
export const VMSA_CHECKED = 0xfc0;

export type VmsaField = keyof typeof VMSA_FIELDS;
type OfKind<K> = {
  [F in VmsaField]: (typeof VMSA_FIELDS)[F] extends { readonly kind: K } ? F : never;
}[VmsaField];
export type VmsaSegment = OfKind<'segment'>;
export type VmsaNumber = Exclude<VmsaField, VmsaSegment | OfKind<'bytes'>>;

/** A number of a VMSA, whose page starts at byte 0. */
export function readVmsaField(page: Uint8Array, name: VmsaNumber): bigint {
  const { offset, size } = VMSA_FIELDS[name];
  return readUint(page, offset, size);
}

/** Writes a number into a page; what does not fit into the field is cut off. */
export function writeVmsaField(page: Uint8Array, name: VmsaNumber, value: bigint): void {
  const { offset, size } = VMSA_FIELDS[name];
  page.set(uint(value, size), offset);
}

/** The numbers of a segment, relative to its first byte (struct vmcb_seg in Linux arch/x86/include/asm/svm.h). */
export const SEGMENT_PARTS = {
  selector: { offset: 0, size: 2 },
  attributes: { offset: 2, size: 2 },
  limit: { offset: 4, size: 4 },
  base: { offset: 8, size: 8 },
} as const;

export type SegmentPart = keyof typeof SEGMENT_PARTS;

export function readVmsaSegment(page: Uint8Array, name: VmsaSegment, part: SegmentPart): bigint {
  const { offset, size } = SEGMENT_PARTS[part];
  return readUint(page, VMSA_FIELDS[name].offset + offset, size);
}

/** Writes a part of a segment into a page; what does not fit into it is cut off. */
export function writeVmsaSegment(
  page: Uint8Array,
  name: VmsaSegment,
  part: SegmentPart,
  value: bigint,
): void {
  const { offset, size } = SEGMENT_PARTS[part];
  page.set(uint(value, size), VMSA_FIELDS[name].offset + offset);
}
