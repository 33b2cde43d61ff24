import { u32 } from './bytes';

/** The polynomial of ECMA-182, without the leading term. Which one the firmware uses is not published. */
const HIGH = 0x42f0e1eb;
const LOW = 0xa9ea3693;

/** What a byte that leaves the top changes in the upper and the lower half. */
const TABLE = (() => {
  const [high, low] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte++) {
    let [top, bottom] = [byte << 24, 0];
    for (let bit = 0; bit < 8; bit++) {
      const out = top < 0;
      top = (top << 1) | (bottom >>> 31);
      bottom <<= 1;
      if (out) [top, bottom] = [top ^ HIGH, bottom ^ LOW];
    }
    [high[byte], low[byte]] = [top, bottom];
  }
  return { high, low };
})();

/** CRC-64, most significant bit first, starting from 0; eight bytes, the least significant first. */
export function crc64(bytes: Uint8Array): Uint8Array {
  let [top, bottom] = [0, 0];
  for (const byte of bytes) {
    const index = (top >>> 24) ^ byte;
    top = ((top << 8) | (bottom >>> 24)) ^ (TABLE.high[index] ?? 0);
    bottom = (bottom << 8) ^ (TABLE.low[index] ?? 0);
  }
  const out = new Uint8Array(8);
  out.set(u32(bottom >>> 0));
  out.set(u32(top >>> 0), 4);
  return out;
}
