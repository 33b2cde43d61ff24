import type { AmdCertificate } from '../../engine/asp/crypto/amdCertificate';
import { certificatePoint, type SevCertificate } from '../../engine/asp/crypto/certificate';
import { ALGO, algoName, USAGE, usageName } from '../../engine/asp/crypto/usage';
import { readU32, toHex } from '../../engine/core/bytes';

/** What a certificate is for, in words; an unused place for a signature is `INVALID`. */
export const usageText = (usage: number): string =>
  usage === USAGE.NONE ? 'INVALID' : (usageName(usage) ?? `0x${usage.toString(16)}`);

export const algoText = (algo: number): string =>
  algo === ALGO.NONE ? 'none' : (algoName(algo) ?? `0x${algo.toString(16)}`);

/** The fields of a SEV certificate as text, named as in `naples-chain.json`. */
export function sevText(certificate: SevCertificate) {
  const point = certificatePoint(certificate);
  return {
    version: String(certificate.version),
    api_major: String(certificate.apiMajor),
    api_minor: String(certificate.apiMinor),
    pubkey_usage: usageText(certificate.usage),
    pubkey_algo: algoText(certificate.algo),
    curve: String(readU32(certificate.key, 0)),
    qx: point ? toHex(point.x) : 'not on the curve',
    qy: point ? toHex(point.y) : 'not on the curve',
    signatures: certificate.signatures
      .map(({ usage, algo }) => `${usageText(usage)} ${algoText(algo)}`)
      .join(', '),
  };
}

/** The fields of an ARK or ASK as text. */
export const amdText = (certificate: AmdCertificate) => ({
  version: String(certificate.version),
  key_usage: usageText(certificate.usage),
  key_id: toHex(certificate.keyId),
  certifying_id: toHex(certificate.certifyingId),
  modulus_bits: String(certificate.modulusBits),
  pubexp: String(certificate.exponent),
  size: String(certificate.body.length + certificate.signature.length),
});
