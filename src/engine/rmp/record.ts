import { readU32, readU64, u32, u64 } from '../core/bytes';

/**
 * A page as software describes it to RMPUPDATE and as RMPREAD describes it: 16 bytes that do not follow the layout of the
 * entries, and tell nothing of validation, VMSAs and permissions (Linux arch/x86/virt/svm/sev.c; MicrosoftDocs cpp-docs
 * docs/intrinsics/rmpread.md and rmpupdate.md).
 */
export interface RmpRecord {
  readonly gpa: number;
  readonly assigned: boolean;
  readonly large: boolean;
  /** RMPREAD only: some 4 KiB page of the 2 MiB is assigned (modelled; Linux names it and does not use it). */
  readonly regionAssigned: boolean;
  readonly immutable: boolean;
  readonly asid: number;
}

export const RECORD_FIELDS = {
  gpa: { offset: 0, size: 8, help: 'guest physical address' },
  assigned: { offset: 8, size: 1, help: 'bit 0 assigned' },
  pageSize: { offset: 9, size: 1, help: 'bit 0 page size: 1 is 2 MiB; bit 1 status of the 2 MiB' },
  immutable: { offset: 10, size: 1, help: 'bit 0 immutable' },
  reserved: { offset: 11, size: 1, help: 'reserved' },
  asid: { offset: 12, size: 4, help: 'ASID' },
} as const;

export const RECORD_BYTES = 16;

const { assigned, pageSize, immutable, reserved, asid } = RECORD_FIELDS;
const REGION = 2;

export function packRecord(record: RmpRecord): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(RECORD_BYTES);
  bytes.set(u64(BigInt(record.gpa)), RECORD_FIELDS.gpa.offset);
  bytes[assigned.offset] = Number(record.assigned);
  bytes[pageSize.offset] = Number(record.large) | (record.regionAssigned ? REGION : 0);
  bytes[immutable.offset] = Number(record.immutable);
  bytes.set(u32(record.asid), asid.offset);
  return bytes;
}

/** Bits of the GPA that an entry has no place for, and of the ASID. */
const GPA_RESERVED = ~(((1n << 51n) - 1n) ^ 0xfffn);
const ASIDS = 1024;

/** Takes a record apart; null when a reserved bit is set, or a number does not fit into an entry. */
export function unpackRecord(bytes: Uint8Array): RmpRecord | null {
  const gpa = readU64(bytes, RECORD_FIELDS.gpa.offset);
  const flag = (offset: number): number => bytes[offset] ?? 0;
  const known =
    BigInt.asUintN(64, gpa & GPA_RESERVED) === 0n &&
    flag(assigned.offset) <= 1 &&
    flag(pageSize.offset) <= 3 &&
    flag(immutable.offset) <= 1 &&
    flag(reserved.offset) === 0 &&
    readU32(bytes, asid.offset) < ASIDS;
  if (!known) return null;
  return {
    gpa: Number(gpa),
    assigned: flag(assigned.offset) === 1,
    large: (flag(pageSize.offset) & 1) === 1,
    regionAssigned: (flag(pageSize.offset) & REGION) !== 0,
    immutable: flag(immutable.offset) === 1,
    asid: readU32(bytes, asid.offset),
  };
}
