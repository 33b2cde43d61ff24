import { sha384 } from '@noble/hashes/sha2.js';
import { PAGE_SIZE } from '../../core/address';
import {
  DIGEST_BYTES,
  encodePageInfo,
  isHashed,
  NO_PERMISSIONS,
  PAGE_CONTENTS,
  type PageRecord,
  type PageType,
} from './pageInfo';

/** The launch digest before the first page. */
export const EMPTY_LAUNCH_DIGEST: Uint8Array = new Uint8Array(DIGEST_BYTES);

/** The digest after one more page: SHA-384 of its PAGE_INFO (AMD-ASPFW sev_mcmd.c: snp_mcmd_launch_update). */
export const extendDigest = (digest: Uint8Array, record: PageRecord): Uint8Array =>
  sha384(encodePageInfo(digest, record));

/** One page on its way into the launch digest: a picture of the film strip. */
export interface LaunchStep extends PageRecord {
  /** 48 bytes. */
  readonly digestAfter: Uint8Array;
}

/** Pages of one kind beside each other, as a hypervisor hands them to SNP_LAUNCH_UPDATE. */
export interface LaunchRun {
  /** What they are, in the hypervisor’s words: `image`, `SNP_SECRETS`, `VMSA of vCPU 0`. */
  readonly what: string;
  readonly type: PageType;
  /** Of the first page. */
  readonly gpa: number;
  /** Pages of 4096 bytes. */
  readonly pages: number;
  /** All of their bytes; null where the digest does not depend on them. */
  readonly bytes: Uint8Array | null;
}

const NO_BYTES = new Uint8Array(0);

/** Digests of VMSA pages: those of all vCPUs but the first are alike, and each is hashed once. */
type Known = Map<Uint8Array, Uint8Array>;

function contentsOf({ type, bytes }: LaunchRun, page: number, known: Known): Uint8Array {
  if (!bytes || !isHashed(type)) return PAGE_CONTENTS[type](NO_BYTES);
  const made = known.get(bytes);
  if (made) return made;
  const contents = PAGE_CONTENTS[type](bytes.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE));
  if (type === 'VMSA') known.set(bytes, contents);
  return contents;
}

/**
 * The film strip of a launch: every page of every run in order, with the digest after it. The pages have no VMPL
 * permissions, as every known hypervisor asks.
 * @param from the digest before the first of them, 48 bytes.
 */
export function* launchSteps(
  runs: Iterable<LaunchRun>,
  from: Uint8Array = EMPTY_LAUNCH_DIGEST,
): Generator<LaunchStep> {
  const known: Known = new Map();
  let digestAfter = from;
  for (const run of runs)
    for (let page = 0; page < run.pages; page++) {
      const record: PageRecord = {
        type: run.type,
        gpa: run.gpa + page * PAGE_SIZE,
        contents: contentsOf(run, page, known),
        permissions: NO_PERMISSIONS,
        imi: false,
      };
      digestAfter = extendDigest(digestAfter, record);
      yield { ...record, digestAfter };
    }
}

/** The launch digest after these pages, 48 bytes. */
export function launchDigest(runs: Iterable<LaunchRun>, from: Uint8Array = EMPTY_LAUNCH_DIGEST): Uint8Array {
  let digest = from;
  for (const { digestAfter } of launchSteps(runs, from)) digest = digestAfter;
  return digest;
}
