import {
  CERTIFICATE_VERSION,
  certificateBody,
  certificatePoint,
  type SevCertificate,
  type SignatureSlot,
  slotSignature,
} from './certificate';
import { ecdsaVerify, isOnCurve, type PublicPoint } from './ecc';
import { type RsaKey, rsaPssVerify } from './rsa';
import { ALGO, hashOf, isEcc, isEcdsa, isRsa, USAGE } from './usage';

/** The public half of a key that signs certificates. */
export interface CertificateKey {
  readonly usage: number;
  readonly algo: number;
  readonly key: PublicPoint | RsaKey;
}

/**
 * What became of a check. `unsigned`: no signature names this key's usage and algorithm; `wrong-usage`: signed, but not
 * by the kind of key that has to; `unsupported`: an ECDH key cannot sign.
 */
export type CertificateVerdict =
  | 'valid'
  | 'malformed'
  | 'unsigned'
  | 'wrong-usage'
  | 'wrong-algorithm'
  | 'bad-signature'
  | 'unsupported';

/** The firmware's status for each verdict (AMD-ASPFW sev_cert.c). */
export const CERTIFICATE_STATUS = {
  valid: 'SUCCESS',
  malformed: 'INVALID_CERTIFICATE',
  unsigned: 'INVALID_CERTIFICATE',
  'wrong-usage': 'INVALID_CERTIFICATE',
  'wrong-algorithm': 'INVALID_CERTIFICATE',
  'bad-signature': 'BAD_SIGNATURE',
  unsupported: 'UNSUPPORTED',
} as const satisfies Record<CertificateVerdict, string>;

/** Which keys may sign which (AMD-ASPFW sev_cert.c). */
const SIGNERS: Readonly<Record<number, readonly number[]>> = {
  [USAGE.PDH]: [USAGE.PEK],
  [USAGE.PEK]: [USAGE.OCA, USAGE.CEK],
  [USAGE.OCA]: [USAGE.OCA],
  [USAGE.CEK]: [USAGE.ASK],
};

const KNOWN_USAGES: readonly number[] = [USAGE.ARK, USAGE.ASK, USAGE.OCA, USAGE.PEK, USAGE.PDH, USAGE.CEK];

/** The key that a certificate certifies; null when it is malformed. An RSA key never stands in one of these. */
export function certifiedKey(certificate: SevCertificate): CertificateKey | null {
  const { usage, algo } = certificate;
  const key = isEcc(algo) && KNOWN_USAGES.includes(usage) ? certificatePoint(certificate) : null;
  return key && { usage, algo, key };
}

function keyIsSound({ usage, algo, key }: CertificateKey): boolean {
  if (!KNOWN_USAGES.includes(usage)) return false;
  return 'modulus' in key ? isRsa(algo) : isEcc(algo) && isOnCurve(key.x, key.y);
}

/** A place that names an algorithm but no usage, or a usage but no algorithm. */
const isTorn = ({ usage, algo }: SignatureSlot): boolean => (usage === USAGE.NONE) !== (algo === ALGO.NONE);

function signatureFits(
  slot: SignatureSlot,
  { algo, key }: CertificateKey,
  body: Uint8Array,
): CertificateVerdict {
  if ('modulus' in key) {
    const length = Math.ceil(key.modulus.toString(16).length / 2);
    const signature = slot.value.slice(0, length).reverse();
    return rsaPssVerify(key, body, hashOf(algo), signature) ? 'valid' : 'bad-signature';
  }
  if (!isEcdsa(algo)) return 'unsupported';
  const signature = slotSignature(slot);
  return signature && ecdsaVerify(key, body, hashOf(algo), signature) ? 'valid' : 'bad-signature';
}

/** Every place that names the signer's usage and algorithm is tried; the last such place decides. */
function verifySignature(certificate: SevCertificate, signer: CertificateKey): CertificateVerdict {
  const body = certificateBody(certificate);
  let verdict: CertificateVerdict = 'unsigned';
  for (const slot of certificate.signatures) {
    if (isTorn(slot)) return 'bad-signature';
    if (slot.usage !== signer.usage || slot.algo !== signer.algo) continue;
    verdict = signatureFits(slot, signer, body);
    if (verdict === 'unsupported') break;
  }
  return verdict;
}

/** Was this certificate signed by that key, and is it sound? In the firmware's order (AMD-ASPFW sev_cert.c). */
export function verifyCertificate(certificate: SevCertificate, signer: CertificateKey): CertificateVerdict {
  if (!keyIsSound(signer)) return 'malformed';
  const signature = verifySignature(certificate, signer);
  if (signature !== 'valid') return signature;
  if (certificate.version !== CERTIFICATE_VERSION || !certifiedKey(certificate)) return 'malformed';
  return SIGNERS[certificate.usage]?.includes(signer.usage) ? 'valid' : 'wrong-usage';
}

/**
 * Is this a sound certificate of that use and algorithm, whoever signed it? How LAUNCH_START looks at the owner's key
 * and SEND_START at the receiver's (AMD-ASPFW sev_cert.c).
 */
export function inspectCertificate(
  certificate: SevCertificate,
  usage: number,
  algo: number,
): CertificateVerdict {
  if (certificate.version !== CERTIFICATE_VERSION || !certifiedKey(certificate)) return 'malformed';
  if (certificate.usage !== usage) return 'wrong-usage';
  return certificate.algo === algo ? 'valid' : 'wrong-algorithm';
}
