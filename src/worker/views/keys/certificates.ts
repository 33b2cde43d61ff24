import { amdCertificates } from '../../../engine/asp/amdRoot';
import {
  amdKey,
  decodeAmdCertificate,
  verifyAmdCertificate,
} from '../../../engine/asp/crypto/amdCertificate';
import { CERTIFICATE_BYTES, decodeCertificate, USAGE } from '../../../engine/asp/crypto/certificate';
import { algoName, usageName } from '../../../engine/asp/crypto/usage';
import {
  type CertificateKey,
  certifiedKey,
  verifyCertificate,
} from '../../../engine/asp/crypto/verifyCertificate';
import { readHost } from '../../../engine/asp/memory';
import { readU32, toHex } from '../../../engine/core/bytes';
import type { Platform } from '../../../engine/core/platform';
import { isUp } from '../../../engine/look';
import type { Journal } from '../../../history/journal';
import type { CertificateView } from '../../firmwareViews';
import type { Host } from '../../protocol';
import { isCommand } from '../firmware/log';
import { rehearse } from '../firmware/rehearse';

/** Keys with a certificate in the SEV format. */
export type Certified = 'pdh' | 'pek' | 'oca' | 'cek';

/** Certificates that PDH_CERT_EXPORT wrote into memory and that still lie there. */
export interface Exported {
  readonly change: number;
  /** Addresses of the PDH's certificate and of the chain. */
  readonly pdh: number;
  readonly chain: number;
  readonly certificates: Readonly<Record<Certified, Uint8Array>>;
}

const USAGES: readonly (readonly [Certified, number])[] = [
  ['pdh', USAGE.PDH],
  ['pek', USAGE.PEK],
  ['oca', USAGE.OCA],
  ['cek', USAGE.CEK],
];

/** The last export before the cursor, read from where it was written; null when there was none, or it was overwritten. */
export function exportedCertificates(
  p: Platform,
  journal: Journal,
  cursor: number,
  host: Host,
): Exported | null {
  if (!isUp(p)) return null;
  const { spans } = journal;
  for (let id = spans.lowerBound(cursor) - 1; id >= spans.first; id--) {
    const span = spans.get(id);
    if (span?.name !== 'PDH_CERT_EXPORT' || span.fault || span.end > cursor || !isCommand(span, host))
      continue;
    const [pdh, chain] = [span.args.PDH_PADDR, span.args.CERTS_PADDR].map((at) => BigInt(at as string));
    if (pdh === undefined || chain === undefined) return null;
    const bytes = rehearse(p, (platform) => [
      readHost(platform, pdh, CERTIFICATE_BYTES),
      readHost(platform, chain, 3 * CERTIFICATE_BYTES),
    ]);
    return sorted(bytes[0]!, bytes[1]!, { change: span.end, pdh: addressOf(pdh), chain: addressOf(chain) });
  }
  return null;
}

/** For showing: addresses are at most 2^47 without their C-bit here. */
const addressOf = (raw: bigint): number => Number(raw & 0x7fff_ffff_ffffn);

function sorted(
  pdh: Uint8Array,
  chain: Uint8Array,
  at: Pick<Exported, 'change' | 'pdh' | 'chain'>,
): Exported | null {
  const [pek, oca, cek] = [0, 1, 2].map((i) =>
    chain.slice(i * CERTIFICATE_BYTES, (i + 1) * CERTIFICATE_BYTES),
  );
  const certificates = { pdh, pek: pek!, oca: oca!, cek: cek! };
  const whole = USAGES.every(([name, usage]) => decodeCertificate(certificates[name])?.usage === usage);
  return whole ? { ...at, certificates } : null;
}

const LAYOUT = [
  ['VERSION', 0x000, 4, ''],
  ['API_MAJOR', 0x004, 1, 'of the firmware that made it'],
  ['API_MINOR', 0x005, 1, ''],
  ['reserved', 0x006, 2, ''],
  ['PUBKEY_USAGE', 0x008, 4, 'usage'],
  ['PUBKEY_ALGO', 0x00c, 4, 'algo'],
  ['PUBKEY.CURVE', 0x010, 4, '2: P-384'],
  ['PUBKEY.QX', 0x014, 72, 'public point, little-endian'],
  ['PUBKEY.QY', 0x05c, 72, ''],
  ['SIG1_USAGE', 0x414, 4, 'usage'],
  ['SIG1_ALGO', 0x418, 4, 'algo'],
  ['SIG1', 0x41c, 0x200, 'signature'],
  ['SIG2_USAGE', 0x61c, 4, 'usage'],
  ['SIG2_ALGO', 0x620, 4, 'algo'],
  ['SIG2', 0x624, 0x200, 'signature'],
] as const;

type Row = readonly [name: string, offset: number, size: number, meaning: string];

function opened(bytes: Uint8Array, rows: readonly Row[]): CertificateView['fields'] {
  return rows.map(([name, offset, size, meaning]) => {
    const part = bytes.subarray(offset, offset + size);
    const number = size <= 4 ? Array.from(part).reduceRight((sum, byte) => sum * 256 + byte, 0) : null;
    const told =
      meaning === 'usage'
        ? (usageName(number ?? 0) ?? 'unknown')
        : meaning === 'algo'
          ? (algoName(number ?? 0) ?? 'unknown')
          : meaning === 'signature'
            ? part.every((byte) => byte === 0)
              ? 'empty'
              : 'R and S, 72 bytes each, little-endian'
            : meaning;
    return { name, offset, size, value: number === null ? toHex(part) : hexOf(number), meaning: told };
  });
}

const hexOf = (value: number): string => `0x${value.toString(16)}`;

/** Verdicts of signatures that were checked already: a check is some milliseconds. */
const verdicts = new Map<string, string>();
const MOST_VERDICTS = 64;

function verdictOf(name: string, work: () => string): string {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  if (verdicts.size >= MOST_VERDICTS) verdicts.clear();
  const verdict = work();
  verdicts.set(name, verdict);
  return verdict;
}

const signedBy = (by: string, verdict: string) => ({ by, verdict, valid: verdict === 'valid' });

/** One of the exported certificates with its signatures checked by the keys that the others certify. */
export function certificateView(which: Certified, all: Exported['certificates']): CertificateView {
  const bytes = all[which];
  const signers: Readonly<Record<Certified, readonly Certified[]>> = {
    pdh: ['pek'],
    pek: ['oca', 'cek'],
    oca: ['oca'],
    cek: [],
  };
  const signatures = signers[which].map((signer) => {
    const verdict = verdictOf(`${toHex(bytes)} ${toHex(all[signer])}`, () => {
      const certificate = decodeCertificate(bytes);
      const parent = decodeCertificate(all[signer]);
      const key: CertificateKey | null = parent && certifiedKey(parent);
      return certificate && key ? verifyCertificate(certificate, key) : 'malformed';
    });
    return signedBy(signer.toUpperCase(), verdict);
  });
  return { bytes, fields: opened(bytes, LAYOUT), signatures };
}

const amdLayout = (bits: number): readonly Row[] => [
  ['VERSION', 0x00, 4, ''],
  ['KEY_ID', 0x04, 16, ''],
  ['CERTIFYING_ID', 0x14, 16, 'id of the key that signed it'],
  ['KEY_USAGE', 0x24, 4, 'usage'],
  ['reserved', 0x28, 16, ''],
  ['EXPONENT_BITS', 0x38, 4, ''],
  ['MODULUS_BITS', 0x3c, 4, `${bits}`],
  ['EXPONENT', 0x40, bits / 8, 'little-endian'],
  ['MODULUS', 0x40 + bits / 8, bits / 8, 'little-endian'],
  ['SIGNATURE', 0x40 + bits / 4, bits / 8, 'RSASSA-PSS'],
];

/** A certificate of AMD's root keys: public, from AMD's service. */
export function amdCertificateView(which: 'ark' | 'ask'): CertificateView {
  const all = amdCertificates();
  const bytes = all[which];
  const verdict = verdictOf(which, () => {
    const certificate = decodeAmdCertificate(bytes);
    const root = decodeAmdCertificate(all.ark);
    if (!certificate || !root || !amdKey(root)) return 'malformed';
    return verifyAmdCertificate(certificate, root, which === 'ark' ? USAGE.ARK : USAGE.ASK);
  });
  return {
    bytes,
    fields: opened(bytes, amdLayout(readU32(bytes, 0x3c))),
    signatures: [signedBy('ARK', verdict)],
  };
}
