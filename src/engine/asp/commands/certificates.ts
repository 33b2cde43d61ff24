import { concatBytes } from '@noble/hashes/utils.js';
import { bytesEqual, toHex } from '../../core/bytes';
import type { Call } from '../call';
import { copyable } from '../checks/address';
import { writable } from '../checks/pages';
import { notSaved, platformIn } from '../checks/platform';
import { type Check, command } from '../command';
import {
  certificateBody,
  decodeCertificate,
  encodeCertificate,
  type SevCertificate,
  USAGE,
} from '../crypto/certificate';
import {
  CERTIFICATE_STATUS,
  type CertificateVerdict,
  certifiedKey,
  verifyCertificate,
} from '../crypto/verifyCertificate';
import { certificateBytes, certificateOf, completeIdentity, identityOf, pekRequest } from '../identity';
import { saveIdentity } from '../persist';
import { patchPlatform } from '../platform';
import { drawSecret } from '../secrets';
import type { StatusName } from '../status';

/** The platform's own keys and who vouches for them. */
export const CERTIFICATE_BYTES = 0x824;
const CHAIN_BYTES = 3 * CERTIFICATE_BYTES;

export const PEK_GEN = command({
  id: 0x005,
  name: 'PEK_GEN',
  purpose: 'The platform owns itself again: new OCA, PEK and PDH.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_pek_gen)',
  writes: 'nothing',
  checks: [platformIn('INIT'), notSaved],
  run: ({ p }) => {
    patchPlatform(p, { identity: completeIdentity(p, null) });
    saveIdentity(p);
  },
});

/** An output that is too short; the needed lengths are written back. */
const tooShort = (source: string, needed: Readonly<Record<string, number>>): Check => ({
  id: 'asp.output-length',
  says: Object.entries(needed)
    .map(([name, bytes]) => `${name} is below 0x${bytes.toString(16)}`)
    .join(' or '),
  status: 'INVALID_LENGTH',
  source,
  holds: (call) => Object.entries(needed).some(([name, bytes]) => call.int(name) < bytes),
  refusing: (call) => answerLengths(call, needed),
});

function answerLengths(call: Call, lengths: Readonly<Record<string, number>>): void {
  for (const [name, bytes] of Object.entries(lengths)) call.answer(name, bytes);
}

const CSR_LENGTHS = { CSR_LEN: CERTIFICATE_BYTES };

export const PEK_CSR = command({
  id: 0x006,
  name: 'PEK_CSR',
  purpose: 'Give out the PEK for an owner to sign.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_pek_csr)',
  writes: 'buffer and lengths',
  checks: [
    platformIn('INIT', 'WORKING'),
    tooShort('AMD-ASPFW sev_mcmd.c (sev_mcmd_pek_csr)', CSR_LENGTHS),
    writable('the output buffer', ['CSR_PADDR', 'CSR_LEN']),
    copyable('the output buffer', ['CSR_PADDR', CERTIFICATE_BYTES]),
  ],
  run: (call) => {
    call.copyOut('CSR_PADDR', encodeCertificate(pekRequest(call.p)));
    answerLengths(call, CSR_LENGTHS);
  },
});

const EXPORT_LENGTHS = { PDH_LEN: CERTIFICATE_BYTES, CERTS_LEN: CHAIN_BYTES };

export const PDH_CERT_EXPORT = command({
  id: 0x008,
  name: 'PDH_CERT_EXPORT',
  purpose: 'Give out the PDH and the certificates that vouch for it: PEK, OCA and CEK.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_pdh_cert_export)',
  writes: 'buffer and lengths',
  checks: [
    platformIn('INIT', 'WORKING'),
    tooShort('AMD-ASPFW sev_mcmd.c (sev_mcmd_pdh_cert_export)', EXPORT_LENGTHS),
    writable('the PDH buffer', ['PDH_PADDR', 'PDH_LEN']),
    writable('the chain buffer', ['CERTS_PADDR', 'CERTS_LEN']),
    copyable('an output buffer', ['PDH_PADDR', CERTIFICATE_BYTES], ['CERTS_PADDR', CHAIN_BYTES]),
  ],
  run: (call) => {
    call.copyOut('PDH_PADDR', certificateBytes(call.p, 'pdh'));
    const chain = (['pek', 'oca', 'cek'] as const).map((which) => certificateBytes(call.p, which));
    call.copyOut('CERTS_PADDR', concatBytes(...chain));
    answerLengths(call, EXPORT_LENGTHS);
  },
});

export const PDH_GEN = command({
  id: 0x009,
  name: 'PDH_GEN',
  purpose: 'A new PDH: sessions that were made for the old one cannot be opened any more.',
  source: 'AMD-ASPFW sev_mcmd.c (sev_mcmd_pdh_gen)',
  writes: 'nothing',
  checks: [platformIn('INIT', 'WORKING'), notSaved],
  run: ({ p }) => {
    patchPlatform(p, { identity: { ...identityOf(p), pdh: drawSecret(p, 'pdh') } });
    saveIdentity(p);
  },
});

/** A certificate that a field points to. The length was checked. @throws Error otherwise: a bug of ours. */
export function certificateAt(call: Call, name: string): SevCertificate {
  const certificate = decodeCertificate(call.copyIn(name, CERTIFICATE_BYTES));
  if (!certificate) throw new Error('a certificate of the right length was not decoded');
  return certificate;
}

/** What a verdict means for the command: false when it goes on. */
export function verdictStatus(verdict: CertificateVerdict): false | StatusName {
  return verdict === 'valid' ? false : CERTIFICATE_STATUS[verdict];
}

/** Was one certificate signed with the key of another? */
export function signedBy(certificate: SevCertificate, signer: SevCertificate): false | StatusName {
  const key = certifiedKey(signer);
  return key ? verdictStatus(verifyCertificate(certificate, key)) : 'INVALID_CERTIFICATE';
}

const IMPORT = 'AMD-ASPFW sev_mcmd.c (sev_mcmd_pek_cert_import)';

/** The PEK that an owner signed is the platform's own, and there is room for the CEK's signature beside the owner's. */
function isForeignPek(call: Call): boolean {
  const brought = certificateAt(call, 'PEK_PADDR');
  const own = certificateOf(call.p, 'pek');
  return !bytesEqual(certificateBody(brought), certificateBody(own)) || withCek(brought, own) === null;
}

/** The owner's certificate with the CEK's signature, taken from the platform's own one; null without either place. */
function withCek(brought: SevCertificate, own: SevCertificate): SevCertificate | null {
  const cek = own.signatures.find(({ usage }) => usage === USAGE.CEK);
  const free = brought.signatures.findIndex(({ usage }) => usage === USAGE.NONE);
  if (!cek || free < 0) return null;
  const [first, second] = brought.signatures;
  return { ...brought, signatures: free === 0 ? [cek, second] : [first, cek] };
}

export const PEK_CERT_IMPORT = command({
  id: 0x007,
  name: 'PEK_CERT_IMPORT',
  purpose: 'An owner claims the platform: its PEK comes back signed by the owner’s authority.',
  source: IMPORT,
  writes: 'nothing',
  checks: [
    platformIn('INIT'),
    {
      id: 'asp.already-owned',
      says: 'the platform has an owner already',
      status: 'ALREADY_OWNED',
      source: IMPORT,
      holds: ({ platform }) => (platform.identity?.imported ?? null) !== null,
    },
    {
      id: 'asp.import-length',
      says: 'PEK_LEN or OCA_LEN is not 0x824',
      status: 'INVALID_LENGTH',
      source: IMPORT,
      holds: (call) => call.int('PEK_LEN') !== CERTIFICATE_BYTES || call.int('OCA_LEN') !== CERTIFICATE_BYTES,
    },
    copyable('a certificate', ['PEK_PADDR', CERTIFICATE_BYTES], ['OCA_PADDR', CERTIFICATE_BYTES]),
    {
      id: 'asp.oca-signature',
      says: 'the OCA has not signed itself',
      status: 'INVALID_CERTIFICATE',
      source: 'AMD-ASPFW sev_cert.c',
      holds: (call) => signedBy(certificateAt(call, 'OCA_PADDR'), certificateAt(call, 'OCA_PADDR')),
    },
    {
      id: 'asp.pek-signature',
      says: 'that OCA has not signed the PEK',
      status: 'INVALID_CERTIFICATE',
      source: 'AMD-ASPFW sev_cert.c',
      holds: (call) => signedBy(certificateAt(call, 'PEK_PADDR'), certificateAt(call, 'OCA_PADDR')),
    },
    {
      id: 'asp.foreign-pek',
      says: 'it is not this platform’s PEK, or no place is free for the CEK’s signature',
      status: 'INVALID_CERTIFICATE',
      source: IMPORT,
      holds: isForeignPek,
    },
    notSaved,
  ],
  run: (call) => {
    const { p } = call;
    const pek = withCek(certificateAt(call, 'PEK_PADDR'), certificateOf(p, 'pek'));
    if (!pek) throw new Error('the certificate was checked and has no place');
    const imported = {
      pek: toHex(encodeCertificate(pek)),
      oca: toHex(call.copyIn('OCA_PADDR', CERTIFICATE_BYTES)),
    };
    patchPlatform(p, { identity: { ...identityOf(p), imported, pdh: drawSecret(p, 'pdh') } });
    saveIdentity(p);
  },
});
