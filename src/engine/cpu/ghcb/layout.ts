import { readUint, uint } from '../../core/bytes';

const field = <S extends 1 | 8>(offset: number, size: S, label: string, help: string) =>
  ({ offset, size, label, validBit: offset >> 3, help }) as const;

const register = (offset: number, label: string) => field(offset, 8, label, `${label} of the guest`);

/**
 * Fields of the guest-hypervisor communication block with a bit in VALID_BITMAP: the quadword that they lie in. The page is
 * shared memory; hardware never reads it, so that the layout is an agreement (GHCB specification #56421; Linux
 * arch/x86/include/asm/svm.h; EDK2 Register/Amd/Ghcb.h; APM vol. 2 §15.35.7).
 */
export const GHCB_FIELDS = {
  cpl: field(0x0cb, 1, 'CPL', 'current privilege level of the guest'),
  xss: register(0x140, 'XSS'),
  dr7: register(0x160, 'DR7'),
  rip: register(0x178, 'RIP'),
  rsp: register(0x1d8, 'RSP'),
  rax: register(0x1f8, 'RAX'),
  rcx: register(0x308, 'RCX'),
  rdx: register(0x310, 'RDX'),
  rbx: register(0x318, 'RBX'),
  rbp: register(0x328, 'RBP'),
  rsi: register(0x330, 'RSI'),
  rdi: register(0x338, 'RDI'),
  r8: register(0x340, 'R8'),
  r9: register(0x348, 'R9'),
  r10: register(0x350, 'R10'),
  r11: register(0x358, 'R11'),
  r12: register(0x360, 'R12'),
  r13: register(0x368, 'R13'),
  r14: register(0x370, 'R14'),
  r15: register(0x378, 'R15'),
  swExitCode: field(0x390, 8, 'SW_EXITCODE', 'what the guest asks for'),
  swExitInfo1: field(0x398, 8, 'SW_EXITINFO1', 'detail of the request; then whether it was done'),
  swExitInfo2: field(0x3a0, 8, 'SW_EXITINFO2', 'detail of the request; then of the answer'),
  swScratch: field(0x3a8, 8, 'SW_SCRATCH', 'GPA of a buffer, usually inside the GHCB'),
  xcr0: register(0x3e8, 'XCR0'),
} as const;

export type GhcbField = keyof typeof GHCB_FIELDS;
export const GHCB_FIELD_NAMES = Object.keys(GHCB_FIELDS) as GhcbField[];

/** Other parts of the page. */
export const GHCB_PARTS = {
  validBitmap: { offset: 0x3f0, size: 16, label: 'VALID_BITMAP', help: 'a bit for each quadword before it' },
  x87StateGpa: { offset: 0x400, size: 8, label: 'X87_STATE_GPA', help: 'where the x87 state lies' },
  sharedBuffer: { offset: 0x800, size: 2032, label: 'SHARED_BUFFER', help: 'for SW_SCRATCH to point to' },
  reserved: { offset: 0xff0, size: 10, label: 'reserved', help: 'must be zero' },
  protocolVersion: {
    offset: 0xffa,
    size: 2,
    label: 'PROTOCOL_VERSION',
    help: 'version that the guest speaks',
  },
  usage: { offset: 0xffc, size: 4, label: 'GHCB_USAGE', help: '0: this layout' },
} as const;

/** Value of a field, whether it is marked valid or not. */
export function readGhcb(page: Uint8Array, name: GhcbField): bigint {
  const { offset, size } = GHCB_FIELDS[name];
  return readUint(page, offset, size);
}

/** Protocol version and usage as numbers. */
export const readGhcbPart = (page: Uint8Array, name: 'protocolVersion' | 'usage' | 'x87StateGpa'): bigint =>
  readUint(page, GHCB_PARTS[name].offset, GHCB_PARTS[name].size);

const bitmapByte = (bit: number): number => GHCB_PARTS.validBitmap.offset + (bit >> 3);

/** Is a field marked valid? */
export function isValid(page: Uint8Array, name: GhcbField): boolean {
  const { validBit } = GHCB_FIELDS[name];
  return (((page[bitmapByte(validBit)] ?? 0) >> (validBit & 7)) & 1) === 1;
}

/** The bits that are set in VALID_BITMAP, whatever they stand for. */
export const validBits = (page: Uint8Array): number[] =>
  Array.from({ length: GHCB_PARTS.validBitmap.size * 8 }, (_, bit) => bit).filter(
    (bit) => (((page[bitmapByte(bit)] ?? 0) >> (bit & 7)) & 1) === 1,
  );

/** Bytes to store at an offset of the page. */
export interface GhcbWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export type GhcbValues = Partial<Readonly<Record<GhcbField, bigint>>>;

/** The stores that put values into a page and mark them valid there; those already marked stay so. */
export function ghcbWrites(page: Uint8Array, values: GhcbValues): GhcbWrite[] {
  const bitmap = GHCB_PARTS.validBitmap.offset;
  const marks = page.slice(bitmap, bitmap + GHCB_PARTS.validBitmap.size);
  const writes = GHCB_FIELD_NAMES.flatMap((name) => {
    const value = values[name];
    if (value === undefined) return [];
    const { offset, size, validBit } = GHCB_FIELDS[name];
    marks[validBit >> 3] = (marks[validBit >> 3] ?? 0) | (1 << (validBit & 7));
    return [{ offset, bytes: uint(value, size) }];
  });
  return [...writes, { offset: bitmap, bytes: marks }];
}

/** The store that marks every field invalid. */
export const clearValid = (): GhcbWrite => ({
  offset: GHCB_PARTS.validBitmap.offset,
  bytes: new Uint8Array(GHCB_PARTS.validBitmap.size),
});

/** The stores of protocol version and usage. */
export const ghcbHeader = (version: number, usage = 0): GhcbWrite[] => [
  { offset: GHCB_PARTS.protocolVersion.offset, bytes: uint(BigInt(version), 2) },
  { offset: GHCB_PARTS.usage.offset, bytes: uint(BigInt(usage), 4) },
];

/** The page after some stores. */
export function written(page: Uint8Array, writes: readonly GhcbWrite[]): Uint8Array<ArrayBuffer> {
  const after = new Uint8Array(page);
  for (const { offset, bytes } of writes) after.set(bytes, offset);
  return after;
}
