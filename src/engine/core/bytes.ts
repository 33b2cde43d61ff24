/** Small helpers over byte arrays that several rooms share. */

const DIGITS = '0123456789abcdef';
/** Bytes made into one string at a time: engines take so many arguments and no more. */
const AT_ONCE = 4096;

/** In lower case. Strings that grow letter by letter keep every letter as an object of its own, and the record holds many. */
export function toHex(bytes: Uint8Array): string {
  let out = '';
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    const codes: number[] = [];
    for (const byte of bytes.subarray(at, at + AT_ONCE))
      codes.push(DIGITS.charCodeAt(byte >>> 4), DIGITS.charCodeAt(byte & 0xf));
    out += String.fromCharCode(...codes);
  }
  return out;
}

/** @throws RangeError when the text is not an even number of hexadecimal digits. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new RangeError(`not an even number of hexadecimal digits: "${text.slice(0, 40)}"`);
  }
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = (digitAt(text, 2 * i) << 4) | digitAt(text, 2 * i + 1);
  return out;
}

/** Of a letter, bit 6 is set and the low four bits count from 1. */
const digitAt = (text: string, at: number): number => {
  const code = text.charCodeAt(at);
  return (code & 0xf) + 9 * (code >>> 6);
};

export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function readU32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset, true);
}

export function readU64(bytes: Uint8Array, offset: number): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(offset, true);
}

export function u32(value: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value, true);
  return out;
}

export function u64(value: bigint): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value, true);
  return out;
}

/** A little-endian number of so many bytes; what lies past the end counts as zero. */
export function readUint(bytes: Uint8Array, offset: number, size: number): bigint {
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0);
  return value;
}

/** The lowest `size` bytes of a number, at most 8, little-endian. */
export const uint = (value: bigint, size: number): Uint8Array<ArrayBuffer> =>
  u64(BigInt.asUintN(64, value)).slice(0, size);
