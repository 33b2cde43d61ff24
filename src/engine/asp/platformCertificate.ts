import { ALGO, newCertificate, type SevCertificate, signCertificate } from './crypto/certificate';
import type { KeyPair } from './crypto/ecc';
import { FIRMWARE } from './platform';

/** Certificates as this firmware's platforms make them (AMD-ASPFW sev_cert.c). */
export const SIGNS = ALGO['ECDSA-SHA256'];

/** A certificate that nobody has signed. */
export const blank = (usage: number, algo: number, point: KeyPair): SevCertificate =>
  newCertificate({ apiMajor: FIRMWARE.major, apiMinor: FIRMWARE.minor, usage, algo, point });

/** The same with one more signature. @throws Error when both places are taken: a bug of ours. */
export function signed(certificate: SevCertificate, usage: number, { secret }: KeyPair): SevCertificate {
  const out = signCertificate(certificate, { usage, algo: SIGNS, secret });
  if (!out) throw new Error('no place is free for a signature');
  return out;
}
