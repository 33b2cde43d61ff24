import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { Progress } from '../../core/action';
import { atOnce } from '../../core/slowly';
import { GUID_BYTES, guidBytes } from './guid';

/** What a VMM loads beside the firmware, so that the firmware can check it against the measured hashes. */
export interface KernelFiles {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array | null;
  /** The kernel's command line, without its final NUL. */
  readonly append: string | null;
}

/** GUIDs of the table and its entries, in this order (edk2 OvmfPkg, QEMU target/i386/sev.c). */
const TABLE = '9438d606-4f22-4cc9-b479-a793d411fd21';
const COMMAND_LINE = '97d02dd8-bd20-4c94-aa78-e7714d36ab2a';
const INITRD = '44baf731-3a2f-4bd7-9af1-41e29169781d';
const KERNEL = '4de79437-abd2-427f-b835-d5b172d2045b';

const HEAD_BYTES = GUID_BYTES + 2;
const HASH_BYTES = 32;
const ENTRY_BYTES = HEAD_BYTES + HASH_BYTES;
const TABLE_BYTES = HEAD_BYTES + 3 * ENTRY_BYTES;

/** The table with its padding to a multiple of 16, as it is loaded and measured. */
export const HASHES_TABLE_BYTES = 176;

const NONE = new Uint8Array(0);

const head = (guid: string, length: number): Uint8Array =>
  concatBytes(guidBytes(guid), Uint8Array.of(length, length >> 8));

/** Bytes that are hashed at a stretch: some milliseconds. */
const STRETCH = 0x40000;

/**
 * The table of kernel hashes, 176 bytes (QEMU target/i386/sev.c; virtee/sev-snp-measure sev_hashes.py). Kernels are large, so
 * this works in slices; progress is in bytes.
 */
export function* hashesTableSlowly({ kernel, initrd, append }: KernelFiles): Generator<Progress, Uint8Array> {
  const commandLine = new TextEncoder().encode(`${append ?? ''}\0`);
  const parts = [
    { guid: COMMAND_LINE, content: commandLine },
    { guid: INITRD, content: initrd ?? NONE },
    { guid: KERNEL, content: kernel },
  ];
  const total = parts.reduce((sum, { content }) => sum + content.length, 0);
  const entries: Uint8Array[] = [];
  let done = 0;
  for (const { guid, content } of parts) {
    const hash = sha256.create();
    for (let at = 0; at < content.length; at += STRETCH) {
      const piece = content.subarray(at, at + STRETCH);
      hash.update(piece);
      done += piece.length;
      yield { done, total };
    }
    entries.push(concatBytes(head(guid, ENTRY_BYTES), hash.digest()));
  }
  const table = new Uint8Array(HASHES_TABLE_BYTES);
  table.set(concatBytes(head(TABLE, TABLE_BYTES), ...entries));
  return table;
}

export const hashesTable = (files: KernelFiles): Uint8Array => atOnce(hashesTableSlowly(files));
