import { bytesEqual, readU32 } from '../../core/bytes';
import { bigFrom } from './bigint';
import { rsaPssVerify } from './rsa';
import { ALGO, hashOf, USAGE } from './usage';
import type { CertificateKey, CertificateVerdict } from './verifyCertificate';

/** A certificate of AMD's own RSA keys, ARK or ASK (AMD-ASPFW amd_cert.h). */
export interface AmdCertificate {
  readonly version: number;
  /** 16 bytes. */
  readonly keyId: Uint8Array;
  /** Identity of the key that signed this one, 16 bytes. */
  readonly certifyingId: Uint8Array;
  readonly usage: number;
  readonly exponentBits: number;
  readonly modulusBits: number;
  readonly exponent: bigint;
  readonly modulus: bigint;
  /** What the signature covers: everything before it. */
  readonly body: Uint8Array;
  /** Little-endian. */
  readonly signature: Uint8Array;
}

const HEAD_BYTES = 0x40;
const VERSION = 1;
const KEY_BITS: readonly number[] = [2048, 4096];

/** Null when the lengths in the head and the number of bytes do not fit each other. */
export function decodeAmdCertificate(bytes: Uint8Array): AmdCertificate | null {
  if (bytes.length < HEAD_BYTES) return null;
  const exponentBits = readU32(bytes, 0x38);
  const modulusBits = readU32(bytes, 0x3c);
  if (!KEY_BITS.includes(exponentBits) || !KEY_BITS.includes(modulusBits)) return null;
  const modulusAt = HEAD_BYTES + exponentBits / 8;
  const signatureAt = modulusAt + modulusBits / 8;
  if (bytes.length !== signatureAt + modulusBits / 8) return null;
  return {
    version: readU32(bytes, 0),
    keyId: bytes.slice(0x04, 0x14),
    certifyingId: bytes.slice(0x14, 0x24),
    usage: readU32(bytes, 0x24),
    exponentBits,
    modulusBits,
    exponent: bigFrom(bytes.subarray(HEAD_BYTES, modulusAt), 'little'),
    modulus: bigFrom(bytes.subarray(modulusAt, signatureAt), 'little'),
    body: bytes.slice(0, signatureAt),
    signature: bytes.slice(signatureAt),
  };
}

/** The first generation has 2048-bit keys and SHA-256, later ones 4096 bits and SHA-384 (AMDESE/sev-tool amdcert.cpp). */
const algoOf = ({ modulusBits }: AmdCertificate): number =>
  modulusBits === 2048 ? ALGO['RSA-SHA256'] : ALGO['RSA-SHA384'];

/** The certified key, as it signs other certificates. */
export const amdKey = (certificate: AmdCertificate): CertificateKey => ({
  usage: certificate.usage,
  algo: algoOf(certificate),
  key: { modulus: certificate.modulus, exponent: certificate.exponent },
});

/**
 * Is this the certificate of an ARK or ASK, signed by `parent`? An ARK is its own parent; whether it is the one whose
 * hash is fused into the chip is not asked here (AMD-ASPFW amd_cert.c).
 */
export function verifyAmdCertificate(
  certificate: AmdCertificate,
  parent: AmdCertificate,
  usage: typeof USAGE.ARK | typeof USAGE.ASK,
): CertificateVerdict {
  const { body, signature, version, certifyingId } = certificate;
  const { modulus, exponent } = parent;
  const bigEndian = signature.slice().reverse();
  if (!rsaPssVerify({ modulus, exponent }, body, hashOf(algoOf(parent)), bigEndian)) return 'bad-signature';
  if (version !== VERSION || !bytesEqual(certifyingId, parent.keyId)) return 'malformed';
  return certificate.usage === usage && parent.usage === USAGE.ARK ? 'valid' : 'wrong-usage';
}
