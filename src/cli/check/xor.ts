/** XOR of byte arrays of one length. */
export const xor = (first: Uint8Array, ...others: Uint8Array[]): Uint8Array =>
  first.map((byte, i) => others.reduce((sum, other) => sum ^ (other[i] ?? 0), byte));
