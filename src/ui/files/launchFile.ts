import { openTab, viewStore } from '../../store/view';
import type { LaunchFileKind } from '../../worker/protocol';

const ID_BLOCK = 0x60;
const ID_AUTH = 0x1000;
/** First bytes of what an initial RAM disk is packed with: gzip, xz, zstd, and a bare cpio. */
const PACKED = ['1f8b', 'fd377a585a', '28b52ffd', '303730373031'];
/** A Linux kernel says so at this offset (Linux, arch/x86/boot/header.S). */
const HEADER = { at: 0x202, bytes: '48647253' };

const hexAt = (bytes: Uint8Array, at: number, length: number): string =>
  Array.from(bytes.subarray(at, at + length), (byte) => byte.toString(16).padStart(2, '0')).join('');

const beginsWith = (bytes: Uint8Array, digits: string, at = 0): boolean =>
  hexAt(bytes, at, digits.length / 2) === digits;

/** The GUID with which the table of firmware ends, so far before its end (edk2 OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm). */
const TABLE = { before: 48, bytes: 'de82b596b21ff745baeaa366c55a082d' };

/** Is a file as long as so many bytes are, or as their text in base64 or hexadecimal? */
function holds(bytes: Uint8Array, length: number): boolean {
  if (bytes.length === length) return true;
  const isText =
    bytes.length < 3 * length && bytes.every((byte) => byte === 10 || byte === 13 || byte >= 0x20);
  return isText && bytes.length >= (4 * length) / 3;
}

/**
 * What a dropped file is for a measured launch; null: nothing of a launch. Firmware is known by its table or its name
 * anywhere; everything else only while the launch is in front, where what is not known is taken for firmware.
 */
export function launchKindOf(name: string, bytes: Uint8Array, inFront: boolean): LaunchFileKind | null {
  const table = beginsWith(bytes, TABLE.bytes, Math.max(0, bytes.length - TABLE.before));
  if (table || /\.fd$/i.test(name)) return 'image';
  if (!inFront) return null;
  if (beginsWith(bytes, HEADER.bytes, HEADER.at)) return 'kernel';
  if (PACKED.some((digits) => beginsWith(bytes, digits))) return 'initrd';
  if (holds(bytes, ID_BLOCK)) return 'id-block';
  if (holds(bytes, ID_AUTH)) return 'id-auth';
  return 'image';
}

export const launchInFront = (): boolean => viewStore.getState().tab === 'launch';

/** Larger files are known by their beginning and their end, and read by the worker: here that would take too long at a stretch. */
const READ_HERE = 2 ** 20;
const HEAD = 0x4000;
const TAIL = 0x1000;

/** Hands a file to the launch that is measured. False if it is nothing of a launch. @throws when it cannot be read. */
export async function takeForLaunch(file: File): Promise<boolean> {
  const { name, size } = file;
  const large = size > READ_HERE;
  const looked = large ? new Blob([file.slice(0, HEAD), file.slice(size - TAIL)]) : file;
  const bytes = new Uint8Array(await looked.arrayBuffer());
  const kind = launchKindOf(name, bytes, launchInFront());
  if (!kind) return false;
  openTab('launch');
  const { putLaunchFile } = await import('../../store/launch');
  await putLaunchFile(kind, name, large ? file : bytes);
  return true;
}
