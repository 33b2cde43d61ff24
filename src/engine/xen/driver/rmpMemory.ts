import { alignUp, HUGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import type { MachineConfig } from '../../core/config';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { memoryMap } from '../../memory/regions';
import { FIRMWARE_UNIT, tableEnd } from '../../rmp/place';
import { SEGMENT_CPUID, segmentBytes, segmentCount, segmentLimits } from '../../rmp/segments';
import { giveBack } from '../frames';
import { hasAligned, takeAligned } from './aligned';
import { regionBytes } from './region';

/** A segment of the RMP as software describes it: what it covers, in GiB from its beginning, and SPA of its first entry. */
export interface PlannedSegment {
  readonly gib: number;
  readonly base: number;
}

/** Where the RMP is to lie. `bytes`: all of it, with the entries of the segments; `end`: RMP_END. */
export interface RmpPlan {
  readonly base: number;
  readonly end: number;
  readonly bytes: number;
  /** Null: one table for all memory. */
  readonly segmentBits: number | null;
  readonly segments: readonly PlannedSegment[];
}

const NO_ROOM: Rule = {
  id: 'xen.no-rmp',
  says: 'SNP wants free memory in one piece for the RMP, a 256th of what it covers in units of 1 MiB, and behind that 2 MiB for the checksums of SEV-ES; else the platform starts without SNP.',
  source:
    'APM vol. 2 §15.36.4; AMD-ASPFW sev_rmp.c (get_rmp_bounds), sev_es.c; that Xen takes it from free memory, high up, is modelled: BIOS reserves it',
  standing: 'modelled',
};

/** From this on the RMP of a processor that knows segments is cut into them (modelled: below, one segment is mostly empty). */
const SEGMENTED_FROM = 4 * HUGE_PAGE_SIZE;

const dramOf = (config: MachineConfig) => memoryMap(config).filter(({ kind }) => kind === 'dram');

/** Where DRAM ends: so far the RMP has to reach. */
const covered = (config: MachineConfig): number =>
  Math.max(...dramOf(config).map(({ base, size }) => base + size));

/** Size of segments as a power of two: the smallest with which those that there can be reach the end of DRAM. */
function segmentSize(config: MachineConfig): number | null {
  const limits = segmentLimits(SEGMENT_CPUID[config.generation]);
  const end = covered(config);
  if (limits.max === 0 || config.memory < SEGMENTED_FROM) return null;
  for (let bits = limits.min; bits <= limits.max; bits++)
    if (end <= segmentCount(limits) * 2 ** bits) return bits;
  return null;
}

/** GiB that each segment covers, up to the end of the last DRAM in it; 0 where there is none. */
function segmentSizes(config: MachineConfig, bits: number): number[] {
  const unit = 2 ** bits;
  return Array.from({ length: Math.ceil(covered(config) / unit) }, (_, i) => {
    const ends = dramOf(config).map(({ base, size }) =>
      base < (i + 1) * unit ? Math.min(base + size, (i + 1) * unit) - i * unit : 0,
    );
    return Math.ceil(Math.max(0, ...ends) / HUGE_PAGE_SIZE);
  });
}

/** The RMP of a machine, as if it began at `base`. */
function planAt(config: MachineConfig, base: number): RmpPlan {
  const segmentBits = segmentSize(config);
  if (segmentBits === null) {
    const end = tableEnd(base, covered(config), FIRMWARE_UNIT);
    return { base, end, bytes: end + 1 - base, segmentBits, segments: [] };
  }
  let at = base + FIRMWARE_UNIT;
  const segments = segmentSizes(config, segmentBits).map((gib): PlannedSegment => {
    const segment = { gib, base: at };
    at = alignUp(at + segmentBytes(gib * HUGE_PAGE_SIZE), FIRMWARE_UNIT);
    return segment;
  });
  return { base, end: base + FIRMWARE_UNIT - 1, bytes: at - base, segmentBits, segments };
}

/** Takes memory for the RMP, where SEV-ES still finds its own afterwards. */
export function takeRmp(p: Platform): Outcome<RmpPlan> {
  const taken = takeAligned(p, planAt(p.config, 0).bytes, FIRMWARE_UNIT, NO_ROOM);
  if (!taken.ok) return taken;
  const plan = planAt(p.config, taken.value);
  if (hasAligned(p, regionBytes(true), regionBytes(true))) return ok(plan);
  freeRmp(p, plan);
  const message = 'Behind the RMP no aligned 2 MiB are free.';
  return p.trace.refused(refuse(NO_ROOM, 'ENOMEM', message, { rmp: plan.bytes }, 'More memory.'));
}

export const freeRmp = (p: Platform, { base, bytes }: Pick<RmpPlan, 'base' | 'bytes'>): void =>
  giveBack(p, 'free', [[base / PAGE_SIZE, bytes / PAGE_SIZE]]);

/** RMP_BASE, RMP_END and RMP_CFG are 0 again on all cores: no page has an entry. */
export const forgetRmp = (p: Platform): void => p.trace.set('rmp', 0, null);

/** The RMP that the cores have, which Xen has placed there. */
export function presentRmp(p: Platform): RmpPlan | null {
  const cell = p.state.cell('rmp');
  return cell && planAt(p.config, cell.base);
}
