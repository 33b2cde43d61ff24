import { sha384 } from '@noble/hashes/sha2.js';
import { ecdsaSign, ecdsaVerify } from '../asp/crypto/ecc';
import { decodeSignature, encodeSignature } from '../asp/crypto/eccFields';
import { chipId } from '../asp/identity';
import { REPORT_BYTES, REPORT_FIELDS, REPORT_VERSION } from '../asp/messages/report';
import { takenVcek } from '../asp/oldFirmware';
import { vcekAt } from '../asp/snp/attestationKeys';
import { committedTcb, isAboveTcb } from '../asp/snp/tcb';
import { readU64, u32, u64 } from '../core/bytes';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { openBytes } from './memory';

const REPORT_RULES = {
  signature: {
    id: 'owner.report-signature',
    says: 'The owner asks AMD for the VCEK of the chip and of the TCB version that stand in a report; another version’s key has not signed it.',
    source:
      'SEV-SNP firmware ABI #56860 (ATTESTATION_REPORT); AMD VCEK certificate and KDS specification #57230',
    standing: 'published',
  },
  tcb: {
    id: 'owner.report-tcb',
    says: 'The owner relies on no report of firmware that is older than the one which they know to be repaired.',
    source:
      'SEV-SNP firmware ABI #56860 (REPORTED_TCB); what the owner asks for is this machine’s committed version (modelled)',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** A report that an attacker writes for a guest of its own, and signs with the versioned key that it has. */
function forged(p: Platform, claims: 'current' | 'old'): Outcome<Uint8Array> {
  const taken = takenVcek(p);
  if (!taken.ok) return taken;
  const report = new Uint8Array(REPORT_BYTES);
  const tcb = u64(claims === 'current' ? committedTcb(p) : taken.value.tcb);
  report.set(u32(REPORT_VERSION), REPORT_FIELDS.version);
  report.set(u32(1), REPORT_FIELDS.algorithm);
  report.set(openBytes(p, 'owner · report nonce'), REPORT_FIELDS.data);
  report.set(sha384(new TextEncoder().encode('the image that the owner knows')), REPORT_FIELDS.digest);
  report.set(chipId(p, 0), REPORT_FIELDS.chipId);
  for (const field of ['currentTcb', 'reportedTcb', 'committedTcb', 'launchTcb'] as const)
    report.set(tcb, REPORT_FIELDS[field]);
  const body = report.subarray(0, REPORT_FIELDS.signature);
  report.set(encodeSignature(ecdsaSign(taken.value.pair.secret, body, 'sha384')), REPORT_FIELDS.signature);
  return ok(report);
}

/** What the owner makes of a report: first who signed it, then which firmware it names. */
function judge(p: Platform, report: Uint8Array): Outcome<Json> {
  const tcb = readU64(report, REPORT_FIELDS.reportedTcb);
  const wanted = committedTcb(p);
  const signature = decodeSignature(report.subarray(REPORT_FIELDS.signature));
  const body = report.subarray(0, REPORT_FIELDS.signature);
  const right = signature !== null && ecdsaVerify(vcekAt(p, tcb), body, 'sha384', signature);
  p.trace.fact('check', { what: 'signature', signer: 'VCEK', tcb: hex(tcb), right }, REPORT_RULES.signature);
  if (!right)
    return p.trace.refused(
      refuse(
        REPORT_RULES.signature,
        'refused',
        `The VCEK of this chip for TCB version ${hex(tcb)} has not signed the report.`,
        { tcb: hex(tcb) },
        'A signature with that version’s key.',
      ),
    );
  if (isAboveTcb(p.config.generation, wanted, tcb))
    return p.trace.refused(
      refuse(
        REPORT_RULES.tcb,
        'refused',
        `The report is genuine, and of firmware with TCB version ${hex(tcb)}; the owner wants ${hex(wanted)}.`,
        { tcb: hex(tcb), wanted: hex(wanted) },
        'Firmware that is new enough.',
      ),
    );
  return ok({ tcb: hex(tcb), believed: true });
}

/** An attacker shows a guest’s owner a report of its own making. */
export const judgeForged = (p: Platform, claims: 'current' | 'old'): Outcome<Json> => {
  const report = forged(p, claims);
  if (!report.ok) return report;
  p.trace.fact('note', { what: 'over the network', to: 'owner', sent: 'a report' }, null, report.value);
  return p.trace.span('owner', 'owner', 'verify report', {}, () => judge(p, report.value));
};
