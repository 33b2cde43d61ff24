import { BLOCK_SIZE, pfnOf, spa } from '../core/address';
import { toHex } from '../core/bytes';
import type { Rule } from '../core/fault';
import type { JsonObject } from '../core/json';
import { type KeySelector, keyName } from '../core/key';
import type { Platform } from '../core/platform';

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

/** What the controller would deliver for these aligned bytes under this key. Changes nothing. */
export function decryptFromDram(p: Platform, address: number, length: number, key: KeySelector): Uint8Array {
  const raw = p.state.dram.read(address, length);
  const cipher = p.cipher(key);
  return cipher ? cipher.decrypt(address, raw) : raw;
}

/** The first block of a transfer, as the Machine view shows it. */
function transfer(
  p: Platform,
  direction: 'read' | 'write',
  address: number,
  key: KeySelector,
  plaintext: Uint8Array,
  stored: Uint8Array,
): JsonObject {
  const cipher = p.cipher(key);
  return {
    direction,
    address,
    length: plaintext.length,
    key: keyName(key),
    selector: key,
    mode: cipher ? p.config.encryption : 'none',
    tweak: cipher ? toHex(cipher.tweak(address)) : '',
    plaintext: toHex(plaintext.subarray(0, BLOCK_SIZE)),
    ciphertext: toHex(stored.subarray(0, BLOCK_SIZE)),
  };
}

/** Reads through the engine and records it. `address` and `length` are multiples of 16. */
export function controllerRead(p: Platform, address: number, length: number, key: KeySelector): Uint8Array {
  const raw = p.state.dram.read(address, length);
  const plaintext = p.cipher(key)?.decrypt(address, raw) ?? raw;
  p.trace.fact('controller', transfer(p, 'read', address, key, plaintext, raw), CONTROLLER_RULE);
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
  const stored = p.cipher(key)?.encrypt(address, plaintext) ?? plaintext.slice();
  p.trace.fact('controller', transfer(p, 'write', address, key, plaintext, stored), CONTROLLER_RULE);
  p.trace.emit({
    store: 'dram',
    address: spa(address),
    before: p.state.dram.read(address, stored.length),
    after: stored,
  });
  for (let page = pfnOf(address); page <= pfnOf(address + stored.length - 1); page++) {
    p.trace.page(page, { key: key + 2, writer });
  }
}

/** Bytes put on the stick past the engine: somebody holds the wires. Any alignment. */
export function rawWrite(p: Platform, address: number, bytes: Uint8Array, writer: number): void {
  p.trace.emit({
    store: 'dram',
    address: spa(address),
    before: p.state.dram.read(address, bytes.length),
    after: bytes.slice(),
  });
  for (let page = pfnOf(address); page <= pfnOf(address + bytes.length - 1); page++)
    p.trace.page(page, { key: 1, writer });
}
