import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { bytesEqual, toHex, u32 } from '../core/bytes';
import keys from './amdRoot.json';
import { bigFrom, bytesFrom } from './crypto/bigint';
import { ALGO, certificateBody, type SevCertificate, USAGE } from './crypto/certificate';

/**
 * AMD's root as this simulator has it: the real ARK and ASK have secrets that only AMD knows, so the simulated chips are
 * certified by two RSA keys of our own, 2048 bits as those of the first generation (modelled). They protect nothing.
 */
interface RootKey {
  readonly modulus: bigint;
  readonly secret: bigint;
}

const rootKey = ({ modulus, secret }: { modulus: string; secret: string }): RootKey => ({
  modulus: BigInt(`0x${modulus}`),
  secret: BigInt(`0x${secret}`),
});

const ARK = rootKey(keys.ark);
const ASK = rootKey(keys.ask);

const BYTES = 256;
const EXPONENT = 65537n;
const HASH = 32;
const EIGHT_ZEROS = new Uint8Array(8);

/** base^exponent mod modulus, by squaring. */
function powerMod(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function mask(seed: Uint8Array, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / HASH) }, (_, i) =>
    sha256(concatBytes(seed, Uint8Array.of(0, 0, 0, i))),
  );
  return concatBytes(...blocks).subarray(0, length);
}

/** RSASSA-PSS with SHA-256 (RFC 8017 §8.1.1), little-endian; the salt follows from the message, so that equal gives equal. */
function signPss({ modulus, secret }: RootKey, message: Uint8Array): Uint8Array {
  const salt = sha256(concatBytes(Uint8Array.of(1), message));
  const digest = sha256(concatBytes(EIGHT_ZEROS, sha256(message), salt));
  const db = new Uint8Array(BYTES - HASH - 1);
  db[db.length - HASH - 1] = 1;
  db.set(salt, db.length - HASH);
  const hidden = mask(digest, db.length);
  const masked = db.map((byte, i) => byte ^ (hidden[i] ?? 0));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  const encoded = concatBytes(masked, digest, Uint8Array.of(0xbc));
  return bytesFrom(powerMod(bigFrom(encoded, 'big'), secret, modulus), BYTES, 'little');
}

const idOf = ({ modulus }: RootKey): Uint8Array =>
  sha256(bytesFrom(modulus, BYTES, 'little')).subarray(0, 16);

/** A certificate in AMD's own format (AMD-ASPFW amd_cert.h). */
function certificate(key: RootKey, usage: number): Uint8Array {
  const body = concatBytes(
    u32(1),
    idOf(key),
    idOf(ARK),
    u32(usage),
    new Uint8Array(16),
    u32(8 * BYTES),
    u32(8 * BYTES),
    bytesFrom(EXPONENT, BYTES, 'little'),
    bytesFrom(key.modulus, BYTES, 'little'),
  );
  return concatBytes(body, signPss(ARK, body));
}

let made: { readonly ask: Uint8Array; readonly ark: Uint8Array } | null = null;

/** ASK and ARK, 832 bytes each. */
export function amdCertificates(): { readonly ask: Uint8Array; readonly ark: Uint8Array } {
  made ??= { ask: certificate(ASK, USAGE.ASK), ark: certificate(ARK, USAGE.ARK) };
  return made;
}

/** Is this the root whose hash is fused into the simulated chips? */
export const isFusedRoot = (modulus: bigint, keyId: Uint8Array): boolean =>
  modulus === ARK.modulus && bytesEqual(keyId, idOf(ARK));

/** Signatures by the body that they cover. */
const signatures = new Map<string, Uint8Array>();

/** What AMD's service does for the owner of a chip: the chip's CEK, signed by the ASK. */
export function signCek(cek: SevCertificate): SevCertificate {
  const body = certificateBody(cek);
  const name = toHex(sha256(body));
  const signature = signatures.get(name) ?? signPss(ASK, body);
  signatures.set(name, signature);
  const value = new Uint8Array(512);
  value.set(signature);
  const slot = { usage: USAGE.ASK, algo: ALGO['RSA-SHA256'], value };
  return { ...cek, signatures: [slot, cek.signatures[1]] };
}
