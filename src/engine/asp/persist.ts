import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import type { PlatformIdentity } from '../core/aspCells';
import { bytesEqual, readU32, u32 } from '../core/bytes';
import type { Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { kdf } from './crypto/kdf';
import { ctr } from './crypto/packet';
import { readHost, withC, writeHost } from './memory';
import { platformOf } from './platform';
import { secretBytes } from './secrets';

/** Bytes of the host's buffer that INIT_EX puts in the place of the flash memory. */
export const NV_BYTES = 0x8000;

const SEALED: Rule = {
  id: 'asp.sealed-storage',
  says: 'The firmware seals what it stores with keys of the chip; an erased buffer holds 0xff everywhere.',
  source:
    'AMD-ASPFW sev_persistent.c (labels sev-persistent-encryption, -integrity); the format is modelled: names of keys instead of keys',
  standing: 'modelled',
};

/** Layout of a sealed buffer: length, IV, MAC, and the encrypted record. */
const HEAD = 4 + 16 + 32;

function sealingKeys(p: Platform): { encryption: Uint8Array; integrity: Uint8Array } {
  const chip = secretBytes(p.config, 'chip secret', 32);
  const none = new Uint8Array(0);
  return {
    encryption: kdf(chip, 'sev-persistent-encryption\0', none, 16),
    integrity: kdf(chip, 'sev-persistent-integrity\0', none, 32),
  };
}

function seal(p: Platform, identity: PlatformIdentity): Uint8Array {
  const { encryption, integrity } = sealingKeys(p);
  const record = new TextEncoder().encode(JSON.stringify(identity));
  const iv = hmac(sha256, integrity, record).subarray(0, 16);
  const data = ctr(encryption, iv, record);
  const out = new Uint8Array(NV_BYTES);
  out.set(concatBytes(u32(data.length), iv, hmac(sha256, integrity, concatBytes(iv, data)), data));
  return out;
}

/** What a buffer holds: an identity, nothing, or something that this chip did not seal. */
export type Stored = PlatformIdentity | 'erased' | 'broken';

function unseal(p: Platform, buffer: Uint8Array): Stored {
  if (buffer.every((byte) => byte === 0xff)) return 'erased';
  const length = readU32(buffer, 0);
  if (length > NV_BYTES - HEAD) return 'broken';
  const { encryption, integrity } = sealingKeys(p);
  const iv = buffer.subarray(4, 20);
  const data = buffer.subarray(HEAD, HEAD + length);
  if (!bytesEqual(hmac(sha256, integrity, concatBytes(iv, data)), buffer.subarray(20, HEAD))) return 'broken';
  return JSON.parse(new TextDecoder().decode(ctr(encryption, iv, data))) as PlatformIdentity;
}

/** A host buffer as storage: its SPA, and whether the host keeps it under its key. */
type Buffer = NonNullable<ReturnType<typeof platformOf>['nv']>;

const rawOf = (p: Platform, { address, encrypted }: Buffer): bigint => withC(p, address, encrypted);

/** What the persistent storage holds: the flash memory, or the host's buffer. */
export function readStored(p: Platform, nv: Buffer | null): Stored {
  if (!nv) return p.state.cell('flash')?.identity ?? 'erased';
  return unseal(p, readHost(p, rawOf(p, nv), NV_BYTES));
}

export function eraseStored(p: Platform, nv: Buffer | null): void {
  if (nv) writeHost(p, rawOf(p, nv), new Uint8Array(NV_BYTES).fill(0xff));
  else if (p.state.cell('flash')) p.trace.set('flash', 0, null);
}

/** Writes the identity in force to where INIT or INIT_EX found it. */
export function saveIdentity(p: Platform): void {
  const { identity, nv } = platformOf(p);
  if (!identity) return;
  p.trace.fact('note', { what: 'persistent data saved', where: nv ? 'host buffer' : 'flash' }, SEALED);
  if (nv) writeHost(p, rawOf(p, nv), seal(p, identity));
  else p.trace.set('flash', 0, { identity });
}
