/** What a hex view needs to know about bytes, without drawing anything. */

/** `00` … `ff`, so that a row of bytes costs sixteen look-ups. */
const BYTE_HEX: readonly string[] = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));

export const byteHex = (byte: number): string => BYTE_HEX[byte] ?? '??';

/** The character of a byte, or a middle dot where it has none. */
export const byteChar = (byte: number): string =>
  byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte === 0x20 ? ' ' : '·';

export type ByteTone = 'zero' | 'plain' | 'changed';

/** Neighbouring bytes of one row that look alike: one element draws them all. */
export interface ByteRun {
  readonly start: number;
  readonly end: number;
  readonly tone: ByteTone;
}

const toneOf = (byte: number, changed: number): ByteTone => {
  if (changed === 1) return 'changed';
  return byte === 0 ? 'zero' : 'plain';
};

/** The runs of `bytes[start … end)`; `changed` holds a 1 for each changed byte, or is null. */
export function runsOf(bytes: Uint8Array, start: number, end: number, changed: Uint8Array | null): ByteRun[] {
  const runs: ByteRun[] = [];
  let from = start;
  for (let i = start; i < end; i++) {
    const tone = toneOf(bytes[i] ?? 0, changed?.[i] ?? 0);
    const next = i + 1 < end ? toneOf(bytes[i + 1] ?? 0, changed?.[i + 1] ?? 0) : null;
    if (next !== tone) {
      runs.push({ start: from, end: i + 1, tone });
      from = i + 1;
    }
  }
  return runs;
}

/** A 1 for each byte that differs; null when nothing does or when the two cannot be compared. */
export function changedMask(before: Uint8Array | null, after: Uint8Array): Uint8Array | null {
  if (!before || before.length !== after.length) return null;
  let mask: Uint8Array | null = null;
  for (let i = 0; i < after.length; i++) {
    if (before[i] === after[i]) continue;
    mask ??= new Uint8Array(after.length);
    mask[i] = 1;
  }
  return mask;
}

/** Changed stretches as `[start, end)`; stretches less than `gap` apart count as one. */
export function changedRanges(mask: Uint8Array | null, gap = 1): [number, number][] {
  const ranges: [number, number][] = [];
  if (!mask) return ranges;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 1) continue;
    const last = ranges.at(-1);
    if (last && i - last[1] < gap) last[1] = i + 1;
    else ranges.push([i, i + 1]);
  }
  return ranges;
}

/** Shannon entropy in bits a byte: 0 for one value, 8 for even noise. */
export function entropyBits(bytes: Uint8Array): number {
  if (bytes.length === 0) return 0;
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  let bits = 0;
  for (const count of counts) {
    if (count === 0) continue;
    const share = count / bytes.length;
    bits -= share * Math.log2(share);
  }
  return bits;
}

/** The first readable text of at least `least` characters, to name a page by what it says. */
export function firstText(bytes: Uint8Array, least = 5, most = 40): string | null {
  let text = '';
  for (const byte of bytes) {
    const readable = byte >= 0x20 && byte < 0x7f;
    if (readable) text += String.fromCharCode(byte);
    if (text.length >= most) break;
    if (!readable) {
      if (text.trim().length >= least) break;
      text = '';
    }
  }
  return text.trim().length >= least ? text.trim() : null;
}

/** One sentence about a page for those who cannot see it. */
export function describeBytes(bytes: Uint8Array, base: number, mask: Uint8Array | null): string {
  const parts = [`${bytes.length.toLocaleString('en')} bytes from 0x${base.toString(16)}`];
  if (bytes.every((byte) => byte === 0)) parts.push('all zero');
  else {
    const text = firstText(bytes);
    parts.push(
      text
        ? `readable text “${text}”`
        : `no readable text, ${entropyBits(bytes).toFixed(1)} bits of entropy a byte`,
    );
  }
  const ranges = changedRanges(mask, 16);
  const [first] = ranges;
  if (first) {
    const bytesChanged = mask?.reduce((sum, flag) => sum + flag, 0) ?? 0;
    parts.push(`${bytesChanged} changed, first at offset 0x${first[0].toString(16)}`);
  }
  return `${parts.join('; ')}.`;
}
