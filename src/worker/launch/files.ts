import { smallImage } from '../../engine/asp/image/smallImage';
import { ID_AUTH_BYTES, ID_BLOCK_BYTES } from '../../engine/asp/snp/idBlock';
import { fromHex } from '../../engine/core/bytes';
import type { LaunchChange, LaunchFileKind, Refusal } from '../protocol';
import { refused } from '../replies';

export interface LaunchFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type Files = Readonly<Record<LaunchFileKind, LaunchFile | null>>;

export const NO_FILES: Files = { image: null, kernel: null, initrd: null, 'id-block': null, 'id-auth': null };

const LARGEST_MIB = 64;

/** What is not a program but a structure of fixed length. */
const STRUCTURES = {
  'id-block': { name: 'ID block', bytes: ID_BLOCK_BYTES },
  'id-auth': { name: 'ID authentication page', bytes: ID_AUTH_BYTES },
} as const;

/** Text as QEMU and sevctl take such structures: hexadecimal digits or base64. Null: neither. */
function decoded(text: string): Uint8Array | null {
  const packed = text.replaceAll(/\s/g, '');
  if (/^([0-9a-f]{2})+$/i.test(packed)) return fromHex(packed);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed) || packed.length % 4 !== 0) return null;
  return Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
}

function structure(kind: keyof typeof STRUCTURES, file: LaunchFile): LaunchFile | Refusal {
  const { name, bytes: length } = STRUCTURES[kind];
  if (file.bytes.length === length) return file;
  const bytes = decoded(new TextDecoder().decode(file.bytes));
  if (bytes?.length === length) return { ...file, bytes };
  const found = bytes ?? file.bytes;
  return refused(
    `This is no ${name}`,
    `An ${name} has ${length} bytes, as they are, in hexadecimal or in base64; here are ${found.length}.`,
    `${file.name}, offset 0x${Math.min(length, found.length).toString(16)}`,
  ).refusal;
}

function taken(kind: LaunchFileKind, file: LaunchFile): LaunchFile | Refusal {
  const { length } = file.bytes;
  if (length > LARGEST_MIB * 2 ** 20)
    return refused(
      'This file is too large',
      `It has ${(length / 2 ** 20).toFixed(1)} MiB; up to ${LARGEST_MIB} MiB are measured.`,
      file.name,
    ).refusal;
  if (length === 0) return refused('This file is empty', 'There are no bytes in it.', file.name).refusal;
  return kind === 'id-block' || kind === 'id-auth' ? structure(kind, file) : file;
}

/** The files after a change, or why one of them is not taken. */
export function changedFiles(
  files: Files,
  { put, remove, example }: LaunchChange,
  bytes: Uint8Array | null,
): { readonly ok: true; readonly value: Files } | { readonly ok: false; readonly refusal: Refusal } {
  const next = { ...files };
  if (remove) next[remove] = null;
  if (example) next.image = { name: 'example.fd', bytes: smallImage() };
  if (put && bytes) {
    const file = taken(put.kind, { name: put.name, bytes });
    if ('title' in file) return { ok: false, refusal: file };
    next[put.kind] = file;
  }
  return { ok: true, value: next };
}
