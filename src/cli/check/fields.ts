import { z } from 'zod';
import { fromHex } from '../../engine/core/bytes';

/** Bytes as hexadecimal digits, two a byte. */
export const hexBytes = z.string().transform((text, context) => {
  try {
    return fromHex(text);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
});

const NO_NUMBER = 'neither a number nor 0x…';

/** A number from 0 on: as such, as `0x…` or as decimal digits. */
export const address = z
  .union([z.number().int().min(0), z.string().regex(/^(?:0x[0-9a-fA-F]+|\d+)$/, NO_NUMBER)], NO_NUMBER)
  .transform(Number);

const integer = z
  .union([z.number().int().min(0), z.string().regex(/^(?:0x[0-9a-fA-F]+|\d+)$/, NO_NUMBER)], NO_NUMBER)
  .transform(BigInt);

/** A number of so many bits: as such, as `0x…` or as decimal digits. */
const bits = (count: number) =>
  integer.refine((value) => value >> BigInt(count) === 0n, `does not fit into ${count} bits`);

export const u8 = bits(8).transform(Number);
export const u32 = bits(32).transform(Number);
export const u64 = bits(64);

/** Exactly so many bytes as hexadecimal digits. */
export const hexOf = (length: number) =>
  hexBytes.refine((bytes) => bytes.length === length, `not ${length} bytes`);
