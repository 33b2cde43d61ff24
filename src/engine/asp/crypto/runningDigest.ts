import { _SHA256 } from '@noble/hashes/sha2.js';
import { fromHex, toHex } from '../../core/bytes';

/** SHA-256 on the way, as plain data (FIPS 180-4 §6.2). */
export interface RunningDigest {
  /** Eight chaining words, 64 hexadecimal digits. */
  readonly state: string;
  /** What does not fill a block of 64 bytes yet, hexadecimal. */
  readonly pending: string;
  /** Bytes so far. */
  readonly length: number;
}

class Resumable extends _SHA256 {
  resume({ state, pending, length }: RunningDigest): this {
    const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, (_, i) =>
      Number.parseInt(state.slice(8 * i, 8 * i + 8), 16),
    ) as Words;
    this.set(a, b, c, d, e, f, g, h);
    const rest = fromHex(pending);
    this.buffer.set(rest);
    this.pos = rest.length;
    this.length = length;
    return this;
  }

  suspend(): RunningDigest {
    return {
      state: this.get()
        .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
        .join(''),
      pending: toHex(this.buffer.subarray(0, this.pos)),
      length: this.length,
    };
  }
}

type Words = [number, number, number, number, number, number, number, number];

/** Nothing hashed yet. */
export const emptyDigest = (): RunningDigest => new Resumable().suspend();

/** The digest after more bytes. */
export const digestMore = (digest: RunningDigest, bytes: Uint8Array): RunningDigest =>
  new Resumable().resume(digest).update(bytes).suspend();

/** SHA-256 of all bytes so far, 32 bytes; `digest` can still be continued. */
export const digestEnd = (digest: RunningDigest): Uint8Array => new Resumable().resume(digest).digest();
