import {
  type AmdCertificate,
  amdKey,
  decodeAmdCertificate,
  verifyAmdCertificate,
} from '../../engine/asp/crypto/amdCertificate';
import { decodeCertificate, type SevCertificate } from '../../engine/asp/crypto/certificate';
import { USAGE } from '../../engine/asp/crypto/usage';
import {
  type CertificateVerdict,
  certifiedKey,
  verifyCertificate,
} from '../../engine/asp/crypto/verifyCertificate';
import { usageText } from './certificate-text';
import { type CaseResult, runCase } from './result';

/** A file with a certificate in it. */
export interface CertificateFile {
  readonly name: string;
  readonly certificate: SevCertificate | AmdCertificate;
}

/** Whose signatures a certificate needs. */
const SIGNERS: Readonly<Record<number, readonly number[]>> = {
  [USAGE.ARK]: [USAGE.ARK],
  [USAGE.ASK]: [USAGE.ARK],
  [USAGE.CEK]: [USAGE.ASK],
  [USAGE.OCA]: [USAGE.OCA],
  [USAGE.PEK]: [USAGE.OCA, USAGE.CEK],
  [USAGE.PDH]: [USAGE.PEK],
};

/** The certificate in these bytes, by its length and because text holds no NUL; null when it is something else. */
export function certificateIn(bytes: Uint8Array): SevCertificate | AmdCertificate | null {
  return bytes.includes(0) ? (decodeCertificate(bytes) ?? decodeAmdCertificate(bytes)) : null;
}

const isSev = (certificate: SevCertificate | AmdCertificate): certificate is SevCertificate =>
  'signatures' in certificate;

function verdictOf(
  child: SevCertificate | AmdCertificate,
  signer: SevCertificate | AmdCertificate,
): CertificateVerdict {
  if (isSev(child)) {
    const key = isSev(signer) ? certifiedKey(signer) : amdKey(signer);
    return key ? verifyCertificate(child, key) : 'malformed';
  }
  const usage = child.usage === USAGE.ARK ? USAGE.ARK : USAGE.ASK;
  return isSev(signer) ? 'wrong-usage' : verifyAmdCertificate(child, signer, usage);
}

/** Every signature that a certificate needs, each by one of the certificates that lie `beside` it. */
export function checkCertificate(file: CertificateFile, beside: readonly CertificateFile[]): CaseResult[] {
  const { name, certificate } = file;
  const needed = SIGNERS[certificate.usage];
  if (!needed) {
    const found = `a certificate of use ${usageText(certificate.usage)}`;
    return [runCase(name, (compare) => compare('use', 'ARK, ASK, CEK, OCA, PEK or PDH', found))];
  }
  return needed.map((usage) =>
    runCase(`${name} signed by ${usageText(usage)}`, (compare) => {
      const known = usage === certificate.usage ? [file] : beside;
      const signers = known.filter((other) => other.certificate.usage === usage);
      if (signers.length === 0) throw new Error(`no certificate of the ${usageText(usage)} lies beside it`);
      const verdicts = signers.map((signer) => verdictOf(certificate, signer.certificate));
      compare('signature', 'valid', verdicts.find((verdict) => verdict === 'valid') ?? verdicts[0] ?? '');
    }),
  );
}
