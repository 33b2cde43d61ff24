import type { Generation } from '../../core/config';
import type { Platform } from '../../core/platform';
import type { TcbCell, TcbVersion } from '../../core/snpCells';
import { snpOf } from './state';

/**
 * TCB versions: eight bytes, one for each part whose security version counts (AMD-ASPFW sev_rmp.h: snp_tcb_version_t; Turin’s
 * order as in virtee/sev, crypto-and-attestation.md 5).
 */
type Part = keyof TcbVersion | null;

const MILAN: readonly Part[] = ['bootLoader', 'tee', null, null, null, null, 'snp', 'microcode'];
const TURIN: readonly Part[] = ['fmc', 'bootLoader', 'tee', 'snp', null, null, null, 'microcode'];

const partsOf = (generation: Generation): readonly Part[] => (generation === 'turin' ? TURIN : MILAN);

/** The eight bytes as one little-endian number. */
const packTcb = (generation: Generation, tcb: TcbVersion): bigint =>
  partsOf(generation).reduce(
    (value, part, i) => value | (BigInt(part ? tcb[part] & 0xff : 0) << BigInt(8 * i)),
    0n,
  );

/** Byte 0 first, as the hash sticks want them. */
export const tcbBytes = (value: bigint): number[] =>
  Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

/** Parts in the order of their weight, each with its version. */
function weights(generation: Generation, value: bigint): number[] {
  const bytes = tcbBytes(value);
  return partsOf(generation).flatMap((part, i) => (part ? [bytes[i] ?? 0] : []));
}

/**
 * Is the first TCB version above the second? The first part that differs decides; where only reserved bytes differ, the answer
 * is yes (AMD-ASPFW sev_plat.c: tcb_compare_versions).
 */
export function isAboveTcb(generation: Generation, a: bigint, b: bigint): boolean {
  if (a === b) return false;
  const [left, right] = [weights(generation, a), weights(generation, b)];
  const i = left.findIndex((version, at) => version !== right[at]);
  return i < 0 || (left[i] ?? 0) > (right[i] ?? 0);
}

/** Is every part of the first at most that of the second, and are its reserved bytes 0 (AMD-ASPFW snp_mcmd_guest_request)? */
export function isWithinTcb(generation: Generation, a: bigint, b: bigint): boolean {
  const most = tcbBytes(b);
  const parts = partsOf(generation);
  return tcbBytes(a).every((version, i) => version <= (parts[i] ? (most[i] ?? 0) : 0));
}

/**
 * What a machine is delivered with: the versions of the firmware whose number it gives (modelled: the same for every
 * generation; Turin’s first byte is 1).
 */
const DELIVERED: TcbVersion = { fmc: 1, bootLoader: 7, tee: 0, snp: 20, microcode: 72 };

/** An old firmware with a flaw, of which an attacker has a signed image (modelled). */
const FLAWED: TcbVersion = { ...DELIVERED, snp: 8, microcode: 40 };

const tcbOf = ({ state }: Platform): TcbCell =>
  state.cell('tcb') ?? { running: DELIVERED, committed: DELIVERED };

/** What runs now. */
export const runningTcb = (p: Platform): bigint => packTcb(p.config.generation, tcbOf(p).running);

/** That of an old firmware with a flaw. */
export const flawedTcb = (p: Platform): bigint => packTcb(p.config.generation, FLAWED);

/** Below this the firmware cannot be rolled back any more. */
export const committedTcb = (p: Platform): bigint => packTcb(p.config.generation, tcbOf(p).committed);

/** What reports name, and the VCEK belongs to: what SNP_CONFIG set, or the committed one. */
export const reportedTcb = (p: Platform): bigint => {
  const { reportedTcb: set } = snpOf(p);
  return set === null ? committedTcb(p) : BigInt(set);
};

/** SNP_COMMIT: from now on there is no way back below what runs. */
export function commitTcb(p: Platform): void {
  const { running, committed } = tcbOf(p);
  if (running !== committed) p.trace.set('tcb', 0, { running, committed: running });
}
