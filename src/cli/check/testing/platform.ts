import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bigFrom, bytesFrom } from '../../../engine/asp/crypto/bigint';
import {
  ALGO,
  type CertificateSigner,
  encodeCertificate,
  newCertificate,
  type SevCertificate,
  signCertificate,
  USAGE,
} from '../../../engine/asp/crypto/certificate';
import type { ChainMember } from '../../../engine/asp/crypto/chain';
import { type KeyPair, keyPairFrom } from '../../../engine/asp/crypto/ecc';
import { u32 } from '../../../engine/core/bytes';

/** The files of a chain of certificates. */
export type Files = Record<ChainMember, Uint8Array>;

const little = (base64url: string | undefined, length: number) =>
  bytesFrom(bigFrom(Buffer.from(base64url ?? '', 'base64url'), 'big'), length, 'little');

/** A signature of AMD's kind by another implementation, little-endian. */
const rsaSign = (key: KeyObject, hash: string, body: Uint8Array) =>
  sign(hash, body, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  }).reverse();

/** An ARK or ASK file; `names` are the identities of the key and of its signer, a byte each. */
export function amdFile(
  bits: number,
  usage: number,
  names: number[],
  key: KeyObject,
  signer: KeyObject,
): Uint8Array {
  const { n, e } = key.export({ format: 'jwk' });
  const [own = 0, parent = 0] = names;
  const id = (name: number) => new Uint8Array(16).fill(name);
  const body = Buffer.concat([
    u32(1),
    id(own),
    id(parent),
    u32(usage),
    new Uint8Array(16),
    u32(bits),
    u32(bits),
    little(e, bits / 8),
    little(n, bits / 8),
  ]);
  return new Uint8Array(Buffer.concat([body, rsaSign(signer, bits === 2048 ? 'sha256' : 'sha384', body)]));
}

const pair = (n: number) => keyPairFrom(new Uint8Array(56).fill(n));

const certificate = (usage: number, algo: number, point: KeyPair) =>
  newCertificate({ apiMajor: 1, apiMinor: 55, usage, algo, point });

/** An ARK's and an ASK's private key. */
export const roots = (modulusLength: number): KeyObject[] =>
  [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength }).privateKey);

/** A platform of our own, its chip key signed by RSA keys of that size. */
export function platform(bits: 2048 | 4096, [ark, ask] = roots(bits)): Files {
  if (!ark || !ask) throw new Error('no keys');
  const hash = bits === 2048 ? 'SHA256' : 'SHA384';
  const ecdsa = ALGO[`ECDSA-${hash}`];
  const keys = { cek: pair(1), oca: pair(2), pek: pair(3), pdh: pair(4) };
  const by = (usage: number, { secret }: KeyPair): CertificateSigner => ({ usage, algo: ecdsa, secret });
  const signed = (on: SevCertificate, ...signers: CertificateSigner[]) =>
    signers.reduce((so, signer) => signCertificate(so, signer) ?? so, on);

  const bare = certificate(USAGE.CEK, ecdsa, keys.cek);
  const value = new Uint8Array(512);
  value.set(rsaSign(ask, hash.toLowerCase(), encodeCertificate(bare).subarray(0, 0x414)));
  const asks = { usage: USAGE.ASK, algo: ALGO[`RSA-${hash}`], value };
  const [, second] = bare.signatures;
  const files: Files = {
    ark: amdFile(bits, USAGE.ARK, [1, 1], ark, ark),
    ask: amdFile(bits, USAGE.ASK, [2, 1], ask, ark),
    cek: encodeCertificate({ ...bare, signatures: [asks, second] }),
    oca: encodeCertificate(signed(certificate(USAGE.OCA, ecdsa, keys.oca), by(USAGE.OCA, keys.oca))),
    pek: encodeCertificate(
      signed(certificate(USAGE.PEK, ecdsa, keys.pek), by(USAGE.OCA, keys.oca), by(USAGE.CEK, keys.cek)),
    ),
    pdh: encodeCertificate(
      signed(certificate(USAGE.PDH, ALGO[`ECDH-${hash}`], keys.pdh), by(USAGE.PEK, keys.pek)),
    ),
  };
  return files;
}
