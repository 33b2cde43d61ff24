import type { MachineConfig } from './config';
import type { KeySelector } from './key';
import type { State } from './state';
import type { Trace } from './trace';

/** The AES engine loaded with one key, as the memory controller uses it. Addresses are SPAs, lengths multiples of 16. */
export interface Cipher {
  encrypt(address: number, plaintext: Uint8Array): Uint8Array;
  decrypt(address: number, ciphertext: Uint8Array): Uint8Array;
  /** The tweak of the block at this address, or zeros where the mode has none. */
  tweak(address: number): Uint8Array;
}

/** The machine as its rooms see it: what it is, what it holds, the pen, and the engine behind each key slot. */
export interface Platform {
  readonly config: MachineConfig;
  readonly state: State;
  readonly trace: Trace;
  /** Dropped files by the hexadecimal SHA-256 of their bytes. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  /** The second host: a machine of the same kind, with another seed; switched on when it is first asked for. */
  far(): Platform;
  /** The engine for a selector, or null where data passes unchanged. */
  cipher(key: KeySelector): Cipher | null;
}
