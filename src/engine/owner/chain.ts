import { concatBytes } from '@noble/hashes/utils.js';
import { amdCertificates, signCek } from '../asp/amdRoot';
import { decodeAmdCertificate } from '../asp/crypto/amdCertificate';
import {
  ALGO,
  CERTIFICATE_BYTES,
  certificatePoint,
  decodeCertificate,
  encodeCertificate,
  newCertificate,
  signCertificate,
  USAGE,
} from '../asp/crypto/certificate';
import { type CertificateChain, verifyChain } from '../asp/crypto/chain';
import { keyPairFrom, type PublicPoint } from '../asp/crypto/ecc';
import { certificateOf } from '../asp/identity';
import { FIRMWARE } from '../asp/platform';
import { secretBytes } from '../asp/secrets';
import { PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { Kept } from '../core/kept';
import type { Platform } from '../core/platform';
import { readPages, withPages } from '../toolstack/channel';
import { askPlatform } from '../xen/coco';
import { dataAddress, hostAddress, readData } from '../xen/driver/command';

const CHAIN: Rule = {
  id: 'owner.chain',
  says: 'The owner agrees on keys only with a PDH that a chain of signatures ties to AMD’s root: PDH ← PEK ← CEK ← ASK ← ARK.',
  source: 'AMD-ASPFW sev_cert.c, amd_cert.c; AMDESE/sev-tool (validate_cert_chain)',
  standing: 'published',
};

const CHIP_BYTES = 64;
const CHAIN_BYTES = 3 * CERTIFICATE_BYTES;
/** Pages for the PDH's certificate, and from the second on for the other three. */
const PAGES = 3;

/** What Domain-0 shows of the platform: the PDH, then PEK, OCA and CEK. */
interface Shown {
  readonly pdh: Uint8Array;
  readonly others: Uint8Array;
}

/** Domain-0 asks the secure processor for what proves it, and sends that to the owner. */
function exported(p: Platform): Outcome<Shown> {
  return withPages(p, PAGES, (at): Outcome<Shown> => {
    const done = askPlatform(p, 'XEN_COCO_platform_get_certificates', 'PDH_CERT_EXPORT', {
      PDH_PADDR: hostAddress(p, at),
      PDH_LEN: CERTIFICATE_BYTES,
      CERTS_PADDR: hostAddress(p, at + PAGE_SIZE),
      CERTS_LEN: CHAIN_BYTES,
    });
    if (!done.ok) return done;
    return ok({
      pdh: readPages(p, at, CERTIFICATE_BYTES),
      others: readPages(p, at + PAGE_SIZE, CHAIN_BYTES),
    });
  });
}

/** A PDH that Domain-0 has made itself, to sit between owner and platform; nobody but itself signs it. */
function forgedPdh(p: Platform): Uint8Array {
  const pair = keyPairFrom(secretBytes(p.config, 'domain-0 · key', 56));
  const { major: apiMajor, minor: apiMinor } = FIRMWARE;
  const algo = ALGO['ECDH-SHA256'];
  const blank = newCertificate({ apiMajor, apiMinor, usage: USAGE.PDH, algo, point: pair });
  const signer = { usage: USAGE.PEK, algo: ALGO['ECDSA-SHA256'], secret: pair.secret };
  return encodeCertificate(signCertificate(blank, signer) ?? blank);
}

const published = new Kept<Uint8Array>();

/** What AMD answers for the chip's number: its CEK, signed by the ASK. */
const publishedCek = (p: Platform): Uint8Array =>
  published.once(p.config, 'cek', () => encodeCertificate(signCek(certificateOf(p, 'cek'))));

/** All six certificates; null where one has not its length. */
function chainOf(
  { pdh, others }: Shown,
  cek: Uint8Array,
  amd: { readonly ask: Uint8Array; readonly ark: Uint8Array },
): CertificateChain | null {
  const at = (n: number) =>
    decodeCertificate(others.slice(n * CERTIFICATE_BYTES, (n + 1) * CERTIFICATE_BYTES));
  const chain = {
    ark: decodeAmdCertificate(amd.ark),
    ask: decodeAmdCertificate(amd.ask),
    cek: decodeCertificate(cek),
    oca: at(1),
    pek: at(0),
    pdh: decodeCertificate(pdh),
  };
  return Object.values(chain).every((certificate) => certificate !== null)
    ? (chain as CertificateChain)
    : null;
}

/**
 * The platform's public key for key agreement, once the owner believes it. ASK and ARK come from AMD, and so does the chip's
 * CEK by the chip's number: AMD publishes it signed, the chip itself only knows the key.
 * @param forged Domain-0 shows a PDH of its own.
 */
export const provenPdh = (p: Platform, forged: boolean): Outcome<PublicPoint> => {
  const shown = exported(p);
  if (!shown.ok) return shown;
  const chip = askPlatform(p, 'XEN_COCO_platform_get_certificates', 'GET_ID', {
    ID_PADDR: dataAddress(p),
    ID_LEN: CHIP_BYTES,
  });
  if (!chip.ok) return chip;
  const pdh = forged ? forgedPdh(p) : shown.value.pdh;
  const label = { what: 'over the network', to: 'owner', sent: 'certificates and the chip’s number' };
  p.trace.fact(
    'note',
    { ...label, chip: toHex(readData(p, CHIP_BYTES)) },
    null,
    concatBytes(pdh, shown.value.others),
  );
  return p.trace.span('owner', 'owner', 'verify chain', {}, () => {
    const chain = chainOf({ ...shown.value, pdh }, publishedCek(p), amdCertificates());
    const links = chain ? verifyChain(chain) : [];
    for (const { child, signer, verdict } of links)
      p.trace.fact('check', { what: 'signature', child, signer, verdict }, CHAIN);
    const bad = links.find(({ verdict }) => verdict !== 'valid');
    const point = chain && certificatePoint(chain.pdh);
    if (!bad && point) return ok(point);
    const why = bad
      ? `the ${bad.signer.toUpperCase()} has not signed the ${bad.child.toUpperCase()} (${bad.verdict})`
      : 'a certificate is malformed';
    return p.trace.refused(
      refuse(
        CHAIN,
        'refused',
        `The owner does not trust this platform: ${why}.`,
        bad ? { ...bad } : {},
        'The platform’s own certificates.',
      ),
    );
  });
};
