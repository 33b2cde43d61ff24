/** The polynomial of ECMA-182, without the leading term. Which one the firmware uses is not published. */
const POLYNOMIAL = 0x42f0e1eba9ea3693n;
const MASK = 0xffff_ffff_ffff_ffffn;

const TABLE: readonly bigint[] = Array.from({ length: 256 }, (_, byte) => {
  let rest = BigInt(byte) << 56n;
  for (let bit = 0; bit < 8; bit++) rest = rest >> 63n ? ((rest << 1n) ^ POLYNOMIAL) & MASK : rest << 1n;
  return rest;
});

/** CRC-64, most significant bit first, starting from 0. */
export function crc64(bytes: Uint8Array): bigint {
  let rest = 0n;
  for (const byte of bytes) {
    const index = Number(rest >> 56n) ^ byte;
    rest = ((rest << 8n) & MASK) ^ (TABLE[index] ?? 0n);
  }
  return rest;
}
