import { unsafe } from '@noble/ciphers/aes.js';
import { BLOCK_SIZE, hex, PAGE_SIZE } from '../core/address';
import type { EncryptionMode } from '../core/encryption';
import { keyedTweak, xtsTweak } from './keyed-tweak';
import { fillLinear } from './linear-tweak';
import { MODES } from './modes';
import type { TweakFill } from './tweak';

/** The key slot of one guest or of the host. Lengths in bytes: `MODES[mode].keySizes` and `.tweakKeySizes`. */
export interface KeyMaterial {
  readonly key: Uint8Array;
  /** Ignored, and may be empty, in modes whose tweak has no key. */
  readonly tweakKey: Uint8Array;
}

const ADDRESS_LIMIT = 2 ** 52;
const PAGE_WORDS = PAGE_SIZE / 4;
/** Masks for a tweak word: XORed in, or not. */
const WITH_TWEAK = -1;
const WITHOUT_TWEAK = 0;

/**
 * The AES engine of the memory controller with one key loaded. Each 16-byte block is encrypted alone, under the tweak
 * of its own system physical address; nothing is stored beside it, so nothing is authenticated (measured: SEVurity, Wilke
 * et al., IEEE S&P 2020). Addresses are without the C-bit, multiples of 16, below 2^52 (APM vol. 2 §5.1); lengths are
 * multiples of 16 bytes and may cross pages.
 *
 * The key is expanded once. Words are taken in the host's byte order, which is little-endian wherever a browser runs.
 */
export class AesEngine {
  readonly mode: EncryptionMode;
  private readonly fillTweaks: TweakFill;
  private readonly encryption: Pass;
  private readonly decryption: Pass;

  /** @throws RangeError when a key has a length that the mode does not know. */
  constructor(mode: EncryptionMode, keys: KeyMaterial) {
    checkKey(`data key of ${mode}`, keys.key, MODES[mode].keySizes);
    if (MODES[mode].tweakKeySizes.length > 0) {
      checkKey(`tweak key of ${mode}`, keys.tweakKey, MODES[mode].tweakKeySizes);
    }
    this.mode = mode;
    this.fillTweaks = tweakFunction(mode, keys.tweakKey);
    const outer = mode === 'xe-linear' ? WITHOUT_TWEAK : WITH_TWEAK;
    this.encryption = {
      cipher: unsafe.encrypt,
      schedule: unsafe.expandKeyLE(keys.key),
      before: WITH_TWEAK,
      after: outer,
    };
    this.decryption = {
      cipher: unsafe.decrypt,
      schedule: unsafe.expandKeyDecLE(keys.key),
      before: outer,
      after: WITH_TWEAK,
    };
  }

  /** Plaintext to ciphertext, in a new array of the same length. @throws RangeError as `encryptInto`. */
  encrypt(address: number, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(plaintext.length);
    this.encryptInto(address, plaintext, out);
    return out;
  }

  /** Ciphertext to plaintext, in a new array of the same length. @throws RangeError as `encryptInto`. */
  decrypt(address: number, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(ciphertext.length);
    this.decryptInto(address, ciphertext, out);
    return out;
  }

  /**
   * Writes the ciphertext to the start of `out`, which may be `plaintext` itself.
   * @throws RangeError when the address or the length is no multiple of 16, the range passes 2^52 or `out` is shorter.
   */
  encryptInto(address: number, plaintext: Uint8Array, out: Uint8Array): void {
    this.run(address, plaintext, out, this.encryption);
  }

  /** Writes the plaintext to the start of `out`, which may be `ciphertext` itself. @throws RangeError as `encryptInto`. */
  decryptInto(address: number, ciphertext: Uint8Array, out: Uint8Array): void {
    this.run(address, ciphertext, out, this.decryption);
  }

  /**
   * The tweaks of `length` bytes from `address` on, 16 bytes a block; zeros in mode `ecb`. The low four bits of the
   * address are ignored: they do not enter the tweak.
   * @throws RangeError when the length is no multiple of 16 or the range passes 2^52.
   */
  tweak(address: number, length: number = BLOCK_SIZE): Uint8Array<ArrayBuffer> {
    const first = address - (address % BLOCK_SIZE);
    checkRange(first, length, length);
    const out = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const take = bytesInPage(first + done, length - done);
      this.fillTweaks(first + done, take / BLOCK_SIZE, tweaks);
      out.set(tweakBytes.subarray(0, take), done);
      done += take;
    }
    return out;
  }

  private run(address: number, input: Uint8Array, out: Uint8Array, pass: Pass): void {
    checkRange(address, input.length, out.length);
    for (let done = 0; done < input.length; ) {
      const take = bytesInPage(address + done, input.length - done);
      this.fillTweaks(address + done, take / BLOCK_SIZE, tweaks);
      dataBytes.set(input.subarray(done, done + take));
      runWords(pass, take / 4);
      out.set(dataBytes.subarray(0, take), done);
      done += take;
    }
  }
}

/** The tweak function of a mode under a tweak key; modes without one ignore the key. */
function tweakFunction(mode: EncryptionMode, tweakKey: Uint8Array): TweakFill {
  switch (mode) {
    case 'xex-linear':
    case 'xe-linear':
      return fillLinear;
    case 'xex-k2':
      return keyedTweak(tweakKey);
    case 'xts-page':
      return xtsTweak(tweakKey);
    case 'ecb':
      return (_address, blocks, out) => void out.fill(0, 0, 4 * blocks);
  }
}

/** One pass over blocks: `(x xor (T and before))` through the cipher, then `xor (T and after)`. */
interface Pass {
  readonly cipher: typeof unsafe.encrypt;
  readonly schedule: Uint32Array;
  readonly before: number;
  readonly after: number;
}

/** The page in work, shared by all engines: each call fills it before use and nothing is left in it for a later one. */
const data = new Uint32Array(PAGE_WORDS);
const dataBytes = new Uint8Array(data.buffer);
const tweaks = new Uint32Array(PAGE_WORDS);
const tweakBytes = new Uint8Array(tweaks.buffer);

const bytesInPage = (address: number, length: number): number =>
  Math.min(PAGE_SIZE - (address % PAGE_SIZE), length);

/** Runs the first `count` words of `data` through the cipher, in place, with the tweaks in `tweaks`. */
function runWords({ cipher, schedule, before, after }: Pass, count: number): void {
  for (let i = 0; i < count; i += 4) {
    const t0 = tweaks[i] as number;
    const t1 = tweaks[i + 1] as number;
    const t2 = tweaks[i + 2] as number;
    const t3 = tweaks[i + 3] as number;
    const block = cipher(
      schedule,
      (data[i] as number) ^ (t0 & before),
      (data[i + 1] as number) ^ (t1 & before),
      (data[i + 2] as number) ^ (t2 & before),
      (data[i + 3] as number) ^ (t3 & before),
    );
    data[i] = block.s0 ^ (t0 & after);
    data[i + 1] = block.s1 ^ (t1 & after);
    data[i + 2] = block.s2 ^ (t2 & after);
    data[i + 3] = block.s3 ^ (t3 & after);
  }
}

function checkKey(what: string, key: Uint8Array, sizes: readonly number[]): void {
  if (!sizes.includes(key.length))
    throw new RangeError(`${what}: ${key.length} bytes, expected ${sizes.join(' or ')}`);
}

function checkRange(address: number, length: number, room: number): void {
  if (!Number.isInteger(address) || address < 0 || address % BLOCK_SIZE !== 0) {
    throw new RangeError(`address ${hex(address)} is no multiple of ${BLOCK_SIZE}`);
  }
  if (!Number.isInteger(length) || length < 0 || length % BLOCK_SIZE !== 0) {
    throw new RangeError(`length ${length} is no multiple of ${BLOCK_SIZE}`);
  }
  if (address + length > ADDRESS_LIMIT) throw new RangeError(`${hex(address)} + ${length} bytes passes 2^52`);
  if (room < length) throw new RangeError(`${length} bytes do not fit into ${room}`);
}
