import { concatBytes } from '@noble/hashes/utils.js';
import { readU32, u32 } from '../../core/bytes';
import { type EcdsaSignature, ecdsaSign, type PublicPoint } from './ecc';
import { decodePoint, decodeSignature, encodePoint, encodeSignature, SIGNATURE_BYTES } from './eccFields';
import { ALGO, hashOf, USAGE } from './usage';

export { ALGO, USAGE } from './usage';

/** One of the two places for a signature; free as long as its usage is USAGE.NONE. */
export interface SignatureSlot {
  /** Usage and algorithm of the key that signed. */
  readonly usage: number;
  readonly algo: number;
  /** 512 bytes: ECDSA R and S in 72 bytes each, or an RSA signature; little-endian. */
  readonly value: Uint8Array;
}

/** A SEV certificate, every byte of it: also one that the firmware would refuse (AMD-ASPFW sev_cert.h). */
export interface SevCertificate {
  readonly version: number;
  readonly apiMajor: number;
  readonly apiMinor: number;
  readonly reserved: number;
  /** What the certified key is for, one of USAGE, and its algorithm, one of ALGO. */
  readonly usage: number;
  readonly algo: number;
  /** 1028 bytes: of a P-384 key the number of the curve, then QX and QY in 72 bytes each, little-endian. */
  readonly key: Uint8Array;
  readonly signatures: readonly [SignatureSlot, SignatureSlot];
}

export const CERTIFICATE_BYTES = 0x824;
export const CERTIFICATE_VERSION = 1;
/** What signatures cover: everything before them. */
const BODY_BYTES = 0x414;
const KEY_AT = 0x10;
const SLOT_BYTES = 0x208;

const FREE_SLOT: SignatureSlot = {
  usage: USAGE.NONE,
  algo: ALGO.NONE,
  value: new Uint8Array(SIGNATURE_BYTES),
};

/** A certificate of a P-384 key that nobody has signed yet. */
export const newCertificate = (of: {
  readonly apiMajor: number;
  readonly apiMinor: number;
  readonly usage: number;
  readonly algo: number;
  readonly point: PublicPoint;
}): SevCertificate => ({
  version: CERTIFICATE_VERSION,
  apiMajor: of.apiMajor,
  apiMinor: of.apiMinor,
  reserved: 0,
  usage: of.usage,
  algo: of.algo,
  key: encodePoint(of.point),
  signatures: [FREE_SLOT, FREE_SLOT],
});

/** 2084 bytes (AMD-ASPFW sev_cert.h). */
export const encodeCertificate = (certificate: SevCertificate): Uint8Array =>
  concatBytes(certificateBody(certificate), ...certificate.signatures.map(encodeSlot));

/** The 1044 bytes that signatures cover. */
export const certificateBody = (c: SevCertificate): Uint8Array =>
  concatBytes(
    u32(c.version),
    Uint8Array.of(c.apiMajor, c.apiMinor, c.reserved, c.reserved >>> 8),
    u32(c.usage),
    u32(c.algo),
    c.key,
  );

const encodeSlot = ({ usage, algo, value }: SignatureSlot): Uint8Array =>
  concatBytes(u32(usage), u32(algo), value);

/** Null when it is not 2084 bytes long; what they say is for `verifyCertificate` to judge. */
export function decodeCertificate(bytes: Uint8Array): SevCertificate | null {
  if (bytes.length !== CERTIFICATE_BYTES) return null;
  const slot = (at: number): SignatureSlot => ({
    usage: readU32(bytes, at),
    algo: readU32(bytes, at + 4),
    value: bytes.slice(at + 8, at + SLOT_BYTES),
  });
  return {
    version: readU32(bytes, 0),
    apiMajor: bytes[4] ?? 0,
    apiMinor: bytes[5] ?? 0,
    reserved: (bytes[6] ?? 0) | ((bytes[7] ?? 0) << 8),
    usage: readU32(bytes, 8),
    algo: readU32(bytes, 12),
    key: bytes.slice(KEY_AT, BODY_BYTES),
    signatures: [slot(BODY_BYTES), slot(BODY_BYTES + SLOT_BYTES)],
  };
}

/** The certified point; null when the key names another curve or is not on it (AMD-ASPFW ecc.c). */
export const certificatePoint = ({ key }: SevCertificate): PublicPoint | null => decodePoint(key);

/** R and S of an ECDSA signature; null when one is longer than 48 bytes. */
export const slotSignature = ({ value }: SignatureSlot): EcdsaSignature | null => decodeSignature(value);

/** Who signs: the secret of an ECDSA key, with the usage and algorithm of that key. */
export interface CertificateSigner {
  readonly usage: number;
  readonly algo: number;
  readonly secret: Uint8Array;
}

/**
 * Signs into the first free place; null when both are taken (the firmware: INVALID_CERTIFICATE; AMD-ASPFW sev_cert.c).
 * The nonce is that of RFC 6979; the firmware draws it at random.
 */
export function signCertificate(
  certificate: SevCertificate,
  { usage, algo, secret }: CertificateSigner,
): SevCertificate | null {
  const free = certificate.signatures.findIndex((slot) => slot.usage === USAGE.NONE);
  if (free < 0) return null;
  const value = encodeSignature(ecdsaSign(secret, certificateBody(certificate), hashOf(algo)));
  const [first, second] = certificate.signatures;
  const slot = { usage, algo, value };
  return { ...certificate, signatures: free === 0 ? [slot, second] : [first, slot] };
}
