import { fromHex, toHex } from '../../core/bytes';

/** Bytes of a GUID. */
export const GUID_BYTES = 16;

/** Order of a GUID's bytes in memory: its first three groups are little-endian (UEFI specification, appendix A). */
const ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/** `9438d606-4f22-4cc9-b479-a793d411fd21` as 16 bytes. */
export function guidBytes(text: string): Uint8Array {
  const digits = fromHex(text.replaceAll('-', ''));
  return Uint8Array.from(ORDER, (at) => digits[at] ?? 0);
}

/** The text of the GUID at the start of `bytes`, in lower case. */
export function guidText(bytes: Uint8Array): string {
  const digits = toHex(Uint8Array.from(ORDER, (at) => bytes[at] ?? 0));
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-');
}
