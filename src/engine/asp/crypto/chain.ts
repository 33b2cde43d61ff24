import { type AmdCertificate, amdKey, verifyAmdCertificate } from './amdCertificate';
import type { SevCertificate } from './certificate';
import { USAGE } from './usage';
import { type CertificateVerdict, certifiedKey, verifyCertificate } from './verifyCertificate';

/** Everything that proves a platform to a guest owner. */
export interface CertificateChain {
  readonly ark: AmdCertificate;
  readonly ask: AmdCertificate;
  readonly cek: SevCertificate;
  readonly oca: SevCertificate;
  readonly pek: SevCertificate;
  readonly pdh: SevCertificate;
}

export type ChainMember = keyof CertificateChain;

/** One certificate checked with the key of another. */
export interface ChainLink {
  readonly child: ChainMember;
  readonly signer: ChainMember;
  readonly verdict: CertificateVerdict;
}

/** Who vouches for whom among the certificates of a platform; the PEK has two signers. */
const SEV_LINKS = [
  ['oca', 'oca'],
  ['pek', 'oca'],
  ['pek', 'cek'],
  ['pdh', 'pek'],
] as const;

const USAGES = { cek: USAGE.CEK, oca: USAGE.OCA, pek: USAGE.PEK, pdh: USAGE.PDH } as const;

type SevMember = keyof typeof USAGES;

function sevLink(chain: CertificateChain, child: SevMember, signer: SevMember | 'ask'): ChainLink {
  const key = signer === 'ask' ? amdKey(chain.ask) : certifiedKey(chain[signer]);
  if (!key) return { child, signer, verdict: 'malformed' };
  const signed = verifyCertificate(chain[child], key);
  const verdict = signed === 'valid' && chain[child].usage !== USAGES[child] ? 'wrong-usage' : signed;
  return { child, signer, verdict };
}

/** All seven links from AMD's root to the platform's Diffie-Hellman key (AMD-ASPFW sev_cert.c, amd_cert.c). */
export function verifyChain(chain: CertificateChain): readonly ChainLink[] {
  const { ark, ask } = chain;
  return [
    { child: 'ark', signer: 'ark', verdict: verifyAmdCertificate(ark, ark, USAGE.ARK) },
    { child: 'ask', signer: 'ark', verdict: verifyAmdCertificate(ask, ark, USAGE.ASK) },
    sevLink(chain, 'cek', 'ask'),
    ...SEV_LINKS.map(([child, signer]) => sevLink(chain, child, signer)),
  ];
}
