import { fromHex, readU32, u32, u64 } from '../../core/bytes';
import { ecdsaSign, type KeyPair } from '../crypto/ecc';
import { encodeSignature } from '../crypto/eccFields';
import { chipId } from '../identity';
import { FIRMWARE } from '../platform';
import { vcekPair, vlekPair } from '../snp/attestationKeys';
import { reportId } from '../snp/exportedContext';
import { platformInfo } from '../snp/platformInfo';
import { snpOf } from '../snp/state';
import { committedTcb, reportedTcb, runningTcb } from '../snp/tcb';
import { idBlockOf } from './key';
import { type Ask, areZero, guestMessage, REQUEST, reservedFields } from './message';
import { isUnusable, keyAsked, vmplBelow } from './signingKey';

/** The attestation report: what the firmware says of a guest, signed. */
const ASKED = { data: 0x00, vmpl: 0x40, keySelect: 0x44, end: 0x60 } as const;
const DATA_BYTES = 64;

/** Where the report’s fields lie (AMD-ASPFW sev_rmp.h: snp_attestation_report; version 2). */
export const REPORT_FIELDS = {
  version: 0x000,
  guestSvn: 0x004,
  policy: 0x008,
  familyId: 0x010,
  imageId: 0x020,
  vmpl: 0x030,
  algorithm: 0x034,
  currentTcb: 0x038,
  platform: 0x040,
  keys: 0x048,
  data: 0x050,
  digest: 0x090,
  hostData: 0x0c0,
  idKeyDigest: 0x0e0,
  authorKeyDigest: 0x110,
  reportId: 0x140,
  agentReportId: 0x160,
  reportedTcb: 0x180,
  chipId: 0x1a0,
  committedTcb: 0x1e0,
  currentVersion: 0x1e8,
  committedVersion: 0x1ec,
  launchTcb: 0x1f0,
  signature: 0x2a0,
} as const;

export const REPORT_VERSION = 2;
export const REPORT_BYTES = 0x4a0;
/** Where the report begins in the answer. */
export const REPORT_AT = 0x20;
const ECDSA_P384_SHA384 = 1;
const SIGNING_KEYS = { VCEK: 0, VLEK: 1, none: 7 } as const;

interface Signer {
  readonly name: keyof typeof SIGNING_KEYS;
  readonly pair: KeyPair | null;
}

/** Who signs: with a masked chip key, nobody may. */
function signerOf({ p, payload }: Ask): Signer {
  const { vlek, maskChipKey } = snpOf(p);
  const asked = keyAsked(readU32(payload, ASKED.keySelect));
  if (vlek && asked !== 'VCEK') return { name: 'VLEK', pair: vlekPair(p, vlek) };
  return maskChipKey ? { name: 'none', pair: null } : { name: 'VCEK', pair: vcekPair(p) };
}

function bodyOf(ask: Ask, signer: Signer): Uint8Array {
  const { p, guest, payload } = ask;
  const { maskChipId, maskChipKey } = snpOf(p);
  const { guestSvn, familyId, imageId } = idBlockOf(ask);
  const version = Uint8Array.of(FIRMWARE.build, FIRMWARE.minor, FIRMWARE.major);
  const out = new Uint8Array(REPORT_BYTES);
  out.set(u32(REPORT_VERSION), REPORT_FIELDS.version);
  out.set(u32(guestSvn), REPORT_FIELDS.guestSvn);
  out.set(u64(BigInt(guest.policy)), REPORT_FIELDS.policy);
  out.set(familyId, REPORT_FIELDS.familyId);
  out.set(imageId, REPORT_FIELDS.imageId);
  out.set(u32(readU32(payload, ASKED.vmpl)), REPORT_FIELDS.vmpl);
  out.set(u32(ECDSA_P384_SHA384), REPORT_FIELDS.algorithm);
  out.set(u64(runningTcb(p)), REPORT_FIELDS.currentTcb);
  out.set(u64(platformInfo(p)), REPORT_FIELDS.platform);
  const keys = (guest.authorKey ? 1 : 0) | (maskChipKey ? 2 : 0) | (SIGNING_KEYS[signer.name] << 2);
  out.set(u32(keys), REPORT_FIELDS.keys);
  out.set(payload.subarray(ASKED.data, ASKED.data + DATA_BYTES), REPORT_FIELDS.data);
  out.set(fromHex(guest.digest), REPORT_FIELDS.digest);
  out.set(fromHex(guest.hostData), REPORT_FIELDS.hostData);
  if (guest.idKeyDigest) out.set(fromHex(guest.idKeyDigest), REPORT_FIELDS.idKeyDigest);
  if (guest.authorKeyDigest) out.set(fromHex(guest.authorKeyDigest), REPORT_FIELDS.authorKeyDigest);
  out.set(reportId(p, guest.reportId), REPORT_FIELDS.reportId);
  out.set(reportId(p, guest.agentReportId), REPORT_FIELDS.agentReportId);
  out.set(u64(reportedTcb(p)), REPORT_FIELDS.reportedTcb);
  if (!maskChipId) out.set(chipId(p, 0), REPORT_FIELDS.chipId);
  out.set(u64(committedTcb(p)), REPORT_FIELDS.committedTcb);
  out.set(version, REPORT_FIELDS.currentVersion);
  out.set(version, REPORT_FIELDS.committedVersion);
  out.set(u64(BigInt(guest.launchTcb)), REPORT_FIELDS.launchTcb);
  return out;
}

export const REPORT = guestMessage({
  type: 5,
  name: 'MSG_REPORT_REQ',
  purpose: 'Tell in a signed report what the guest is, and on what it runs.',
  source: REQUEST,
  answerBytes: REPORT_AT + REPORT_BYTES,
  checks: [
    reservedFields(
      ({ payload }) =>
        readU32(payload, ASKED.keySelect) >>> 2 !== 0 || !areZero(payload, ASKED.keySelect + 4, ASKED.end),
    ),
    {
      id: 'asp.msg-report-key',
      says: 'KEY_SEL is 3, asks for a VLEK and none is loaded, or for a VCEK and the guest’s launch forbade it',
      status: 'INVALID_KEY',
      source: REQUEST,
      holds: (ask) => isUnusable(ask, readU32(ask.payload, ASKED.keySelect)),
    },
    vmplBelow(ASKED.vmpl),
  ],
  prepare: (_, out) => out.set(u32(REPORT_BYTES), 4),
  run: (ask, out) => {
    const signer = signerOf(ask);
    const report = bodyOf(ask, signer);
    if (signer.pair) {
      const signed = ecdsaSign(signer.pair.secret, report.subarray(0, REPORT_FIELDS.signature), 'sha384');
      report.set(encodeSignature(signed), REPORT_FIELDS.signature);
    }
    out.set(report, REPORT_AT);
  },
});
