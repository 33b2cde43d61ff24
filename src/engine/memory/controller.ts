import { BLOCK_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import type { Rule } from '../core/fault';
import { HOST_KEY, type KeySelector, keyName, NO_KEY } from '../core/key';
import type { Cipher, Platform } from '../core/platform';
import { markPages, storeBytes } from './stick';

/**
 * The memory controller: between it and the stick everything is ciphertext where a key is chosen, between it and the
 * caches everything is plaintext. It works on whole 16-byte blocks.
 */
const CONTROLLER_RULE: Rule = {
  id: 'memory.controller',
  says: 'The AES engine in the memory controller encrypts on the way to DRAM and decrypts on the way back; the tweak comes from the physical address.',
  source: 'APM vol. 2 §15.34.1; AMD Memory Encryption white paper (2016)',
  standing: 'published',
};

const TSME_RULE: Rule = {
  id: 'memory.tsme',
  says: 'Transparent SME, switched on in the BIOS, encrypts with the host’s key whatever comes without a key.',
  source:
    'Linux Documentation/arch/x86/amd-memory-encryption.rst; that guests’ keys go before it is modelled',
  standing: 'modelled',
};

/** The key that a transfer really uses: with TSME there is none without. */
const keyInUse = (key: KeySelector, cipher: Cipher | null): KeySelector =>
  key === NO_KEY && cipher ? HOST_KEY : key;

/** What the controller would deliver for these aligned bytes under this key. Changes nothing. */
export function decryptFromDram(p: Platform, address: number, length: number, key: KeySelector): Uint8Array {
  const raw = p.state.dram.read(address, length);
  const cipher = p.cipher(key);
  return cipher ? cipher.decrypt(address, raw) : raw;
}

/** Records a transfer with its first block, as the Machine view shows it. */
function record(
  p: Platform,
  direction: 'read' | 'write',
  address: number,
  { key, cipher }: { readonly key: KeySelector; readonly cipher: Cipher | null },
  plaintext: Uint8Array,
  stored: Uint8Array,
): void {
  const used = keyInUse(key, cipher);
  const data = {
    direction,
    address,
    length: plaintext.length,
    key: keyName(used),
    selector: used,
    mode: cipher ? p.config.encryption : 'none',
    tweak: cipher ? toHex(cipher.tweak(address)) : '',
    plaintext: toHex(plaintext.subarray(0, BLOCK_SIZE)),
    ciphertext: toHex(stored.subarray(0, BLOCK_SIZE)),
  };
  p.trace.fact('controller', data, used === key ? CONTROLLER_RULE : TSME_RULE);
}

/** Reads through the engine and records it. `address` and `length` are multiples of 16. */
export function controllerRead(p: Platform, address: number, length: number, key: KeySelector): Uint8Array {
  const raw = p.state.dram.read(address, length);
  const cipher = p.cipher(key);
  const plaintext = cipher?.decrypt(address, raw) ?? raw;
  record(p, 'read', address, { key, cipher }, plaintext, raw);
  return plaintext;
}

/** Writes through the engine. `address` and `plaintext.length` are multiples of 16; `writer` as in `PageMeta`. */
export function controllerWrite(
  p: Platform,
  address: number,
  plaintext: Uint8Array,
  key: KeySelector,
  writer: number,
): void {
  const cipher = p.cipher(key);
  const stored = cipher?.encrypt(address, plaintext) ?? plaintext.slice();
  record(p, 'write', address, { key, cipher }, plaintext, stored);
  storeBytes(p, address, stored);
  markPages(p, address, stored.length, { key: keyInUse(key, cipher) + 2, writer });
}

/** Bytes put on the stick past the engine: somebody holds the wires. Any alignment. */
export function rawWrite(p: Platform, address: number, bytes: Uint8Array, writer: number): void {
  storeBytes(p, address, bytes.slice());
  markPages(p, address, bytes.length, { key: 1, writer });
}
