/** Bits of a page fault’s error code (APM vol. 2 §8.4.2, §15.36.10). */
export const PAGE_FAULT_BITS = {
  P: 0,
  W: 1,
  U: 2,
  RSVD: 3,
  'I/D': 4,
  PK: 5,
  SS: 6,
  RMP: 31,
} as const;

/**
 * Bits of EXITINFO1 of a nested page fault (APM vol. 2 §15.25.6, §15.36.10): U is always set, since a nested walk takes every
 * access of a guest for a user’s, and so is one of `final` and `table`. Whole values as hosts have logged them: AMDESE/AMDSEV
 * issue 219.
 */
export const NESTED_FAULT_BITS = {
  P: 0,
  W: 1,
  U: 2,
  RSVD: 3,
  'I/D': 4,
  SS: 6,
  RMP: 31,
  /** The fault was on the final GPA, or on that of a table of the guest. */
  final: 32,
  table: 33,
  /** Effective C-bit. */
  ENC: 34,
  /** PVALIDATE or RMPADJUST for a page of another size. */
  SIZEM: 35,
  VMPL: 36,
  /** With VmplSSS a copy of bit 4 of the mask, not a cause. */
  SSS: 37,
  NOT_RESTARTABLE: 63,
} as const;

export type PageFaultBit = keyof typeof PAGE_FAULT_BITS;
export type NestedFaultBit = keyof typeof NESTED_FAULT_BITS;

/** An error code of these bits; none of them is bit 63, so that a number holds it. */
export const pageFaultCode = (bits: readonly PageFaultBit[]): number =>
  bits.reduce((code, bit) => code + 2 ** PAGE_FAULT_BITS[bit], 0);
export const nestedFaultCode = (bits: readonly Exclude<NestedFaultBit, 'NOT_RESTARTABLE'>[]): number =>
  bits.reduce((code, bit) => code + 2 ** NESTED_FAULT_BITS[bit], 0);
