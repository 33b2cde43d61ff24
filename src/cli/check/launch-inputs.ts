import { inflateSync } from 'node:zlib';
import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { toHex } from '../../engine/core/bytes';
import { address, hexOf } from './fields';
import { type Compare, isRecord } from './result';
import { sentence } from './tables';

/** No image, kernel or initial RAM disk of a test is larger; a few characters must not ask for all memory. */
const LARGEST = 64 * 1024 * 1024;

const FORMULA = /^byte\[(\w)\] = \((\d+)\*\1 \+ (\d+) \+ \(\1>>8\)\) mod 256(?:, (\d+) bytes)?$/;

/** The bytes that a sentence describes: `byte[i] = (7*i + 3 + (i>>8)) mod 256, 5000 bytes`. @throws Error for another one. */
export function constructed(text: string, usual?: number): Uint8Array {
  const [, , a, b, given] = FORMULA.exec(text) ?? [];
  const length = given === undefined ? usual : Number(given);
  if (a === undefined || length === undefined) throw new Error(`"${text}" is not understood here`);
  if (length > LARGEST) throw new Error(`"${text}" is more than a test may ask for`);
  return Uint8Array.from({ length }, (_, i) => Number(a) * i + Number(b) + (i >> 8));
}

/** A kernel or an initial RAM disk. */
export const loadedFile = z.object({
  size: z.number().int().min(0).optional(),
  sha256: hexOf(32).optional(),
  data_base64: z.string().optional(),
  construction: sentence.optional(),
});

type LoadedFile = z.infer<typeof loadedFile>;

/** Its bytes, whose size and hash are compared. */
export function fileBytes(what: string, file: LoadedFile, compare: Compare): Uint8Array {
  const bytes =
    file.data_base64 === undefined
      ? constructed(file.construction ?? '')
      : new Uint8Array(Buffer.from(file.data_base64, 'base64'));
  compareFile(what, file, bytes, compare);
  return bytes;
}

function compareFile(
  what: string,
  file: { readonly size?: number | undefined; readonly sha256?: Uint8Array | undefined },
  bytes: Uint8Array,
  compare: Compare,
): void {
  if (file.size !== undefined) compare(`${what}.size`, String(file.size), String(bytes.length));
  if (file.sha256) compare(`${what}.sha256`, toHex(file.sha256), toHex(sha256(bytes)));
}

const section = z.object({ gpa: address, size: address, type: address, name: sentence });

const image = z.object({
  size: z.number().int().min(0).optional(),
  sha256: hexOf(32).optional(),
  data_zlib_base64: z.string().optional(),
  tail_4096_zlib_base64: z.string().optional(),
  ovmf_hash: hexOf(48).optional(),
  footer_table: z.record(sentence, z.string()).optional(),
  sections: z.array(section).optional(),
  construction: z
    .object({
      entries: z.array(z.object({ guid: sentence, data_hex: z.string() })).optional(),
      sev_metadata: z.object({ sections: z.array(section) }).nullish(),
    })
    .optional(),
});

export interface ImageFile extends z.infer<typeof image> {
  /** The whole image, or its last 4096 bytes. */
  readonly bytes: Uint8Array;
}

const inflated = (text: string): Uint8Array =>
  new Uint8Array(inflateSync(Buffer.from(text, 'base64'), { maxOutputLength: LARGEST }));

/** The images of a file by name. */
export const imagesOf = (json: unknown): Readonly<Record<string, unknown>> =>
  isRecord(json) && isRecord(json.images) ? json.images : {};

/** One of them. @throws Error when there is none of that name, or no bytes of it. */
export function imageNamed(json: unknown, name: string): ImageFile {
  const images = imagesOf(json);
  if (!Object.hasOwn(images, name)) throw new Error(`image: the file has no image ${name}`);
  const found = image.parse(images[name]);
  const packed = found.data_zlib_base64 ?? found.tail_4096_zlib_base64;
  if (packed === undefined) throw new Error(`image: ${name} has no bytes`);
  return { ...found, bytes: inflated(packed) };
}

/** Size and hash of an image that is there whole; of another only that its end is 4096 bytes long. */
export function compareImage(file: ImageFile, compare: Compare): void {
  if (file.data_zlib_base64 !== undefined) compareFile('image', file, file.bytes, compare);
  else compare('tail_4096_zlib_base64', '4096', String(file.bytes.length));
}
