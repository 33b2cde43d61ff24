import { sha384 } from '@noble/hashes/sha2.js';
import { VMSA_FIELDS } from '../../cpu/vmsaFields';

/** Bytes of a launch digest: SHA-384. */
export const DIGEST_BYTES = 48;

/** Kinds of page, as SNP_LAUNCH_UPDATE and PAGE_INFO number them (AMD-ASPFW sev_mcmd.h). */
export const PAGE_TYPES = { NORMAL: 1, VMSA: 2, ZERO: 3, UNMEASURED: 4, SECRETS: 5, CPUID: 6 } as const;
export type PageType = keyof typeof PAGE_TYPES;

/** The name of a page type; null for a number that means none. */
export const pageTypeOf = (value: number): PageType | null =>
  (Object.keys(PAGE_TYPES) as PageType[]).find((type) => PAGE_TYPES[type] === value) ?? null;

/** What a page’s record says of VMPL1, 2 and 3: the permission bytes that the RMP will have. */
export type VmplPermissions = readonly [vmpl1: number, vmpl2: number, vmpl3: number];

/** The permissions that every known hypervisor asks for. */
export const NO_PERMISSIONS: VmplPermissions = [0, 0, 0];

const NOTHING = new Uint8Array(DIGEST_BYTES);
const { guestTscScale, guestTscOffset } = VMSA_FIELDS;

/** The firmware itself sets the two TSC fields of a VMSA, so they count as zero. */
function vmsaContents(page: Uint8Array): Uint8Array {
  const counted = page.slice();
  for (const { offset, size } of [guestTscScale, guestTscOffset]) counted.fill(0, offset, offset + size);
  return sha384(counted);
}

/**
 * CONTENTS of a page’s record by its type, 48 bytes: what of the 4096 bytes is measured (AMD-ASPFW sev_mcmd.c:
 * snp_mcmd_launch_update). Zeros mean that any contents give the same digest.
 */
export const PAGE_CONTENTS = {
  /** The page as it was given. */
  NORMAL: (page: Uint8Array) => sha384(page),
  VMSA: vmsaContents,
  /** The firmware overwrites it with zeros. */
  ZERO: () => NOTHING,
  /** Encrypted as it was given; nobody knows what was in it. */
  UNMEASURED: () => NOTHING,
  /** The firmware fills it with this guest’s keys. */
  SECRETS: () => NOTHING,
  /** The firmware compares the table with its policy instead. */
  CPUID: () => NOTHING,
} as const satisfies Readonly<Record<PageType, (page: Uint8Array) => Uint8Array>>;

/** Is the digest of such a page made from its bytes? */
export const isHashed = (type: PageType): boolean => type === 'NORMAL' || type === 'VMSA';

/** What is recorded of a 4 KiB page. */
export interface PageRecord {
  readonly type: PageType;
  /** Where the guest sees it, a multiple of 4096, from the page’s RMP entry. */
  readonly gpa: number;
  /** 48 bytes, from `PAGE_CONTENTS`. */
  readonly contents: Uint8Array;
  readonly permissions: VmplPermissions;
  /** Part of an initial migration image. */
  readonly imi: boolean;
}

const PAGE_INFO_BYTES = 0x70;

/** The fields of PAGE_INFO over its bytes (AMD-ASPFW sev_mcmd.h: snp_mcmd_launch_update_page_info). */
export const PAGE_INFO_FIELDS = [
  { name: 'DIGEST_CUR', offset: 0x00, size: 48, means: 'The launch digest before this page.' },
  {
    name: 'CONTENTS',
    offset: 0x30,
    size: 48,
    means: 'SHA-384 of the page; zero where no bytes are measured.',
  },
  { name: 'LENGTH', offset: 0x60, size: 2, means: 'Bytes of this structure.' },
  { name: 'PAGE_TYPE', offset: 0x62, size: 1, means: 'How the page was handed over.' },
  { name: 'IMI_PAGE', offset: 0x63, size: 1, means: '1: part of an initial migration image.' },
  { name: 'reserved', offset: 0x64, size: 1, means: 'Zero.' },
  { name: 'VMPL1_PERMS', offset: 0x65, size: 1, means: 'What VMPL1 may do with the page.' },
  { name: 'VMPL2_PERMS', offset: 0x66, size: 1, means: 'What VMPL2 may do with the page.' },
  { name: 'VMPL3_PERMS', offset: 0x67, size: 1, means: 'What VMPL3 may do with the page.' },
  { name: 'GPA', offset: 0x68, size: 8, means: 'Where the guest sees the page.' },
] as const;

/**
 * PAGE_INFO, the 112 bytes that are hashed for one page (AMD-ASPFW sev_mcmd.h: snp_mcmd_launch_update_page_info).
 * virtee/sev-snp-measure writes the permissions the other way round; the two differ only where one is not zero.
 * @param digest the digest before this page, 48 bytes.
 */
export function encodePageInfo(digest: Uint8Array, record: PageRecord): Uint8Array {
  const info = new Uint8Array(PAGE_INFO_BYTES);
  const view = new DataView(info.buffer);
  info.set(digest);
  info.set(record.contents, DIGEST_BYTES);
  view.setUint16(0x60, PAGE_INFO_BYTES, true);
  info[0x62] = PAGE_TYPES[record.type];
  info[0x63] = record.imi ? 1 : 0;
  info.set(record.permissions, 0x65);
  view.setBigUint64(0x68, BigInt(record.gpa), true);
  return info;
}
