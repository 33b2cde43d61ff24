import { PAGE_SIZE } from '../../core/address';
import type { Platform } from '../../core/platform';
import { memoryMap } from '../../memory/regions';
import type { Call } from '../call';
import type { Check } from '../command';
import { type RawAddress, withoutC } from '../memory';
import { platformOf } from '../platform';
import { tableRanges } from '../snp/tableRanges';
import type { StatusName } from '../status';

/** The highest address that the firmware takes. */
const HIGHEST = 0x3ffc_ffff_ffffn;

/** Two runs of bytes: does one reach into the other? */
const overlap = (a: bigint, lengthA: bigint, b: number, lengthB: number): boolean =>
  a < BigInt(b + lengthB) && BigInt(b) < a + lengthA;

/** Only who works on the RMP itself may reach into it. */
type TableUse = 'with the RMP' | 'without the RMP';

/** The firmware's own and other forbidden memory, whether or not it is inside DRAM. */
function* forbidden(p: Platform, table: TableUse): Generator<readonly [base: number, size: number]> {
  for (const { kind, base, size } of memoryMap(p.config)) if (kind === 'reserved') yield [base, size];
  const { tmr, ring, rmpInitialised } = platformOf(p);
  if (rmpInitialised && table === 'without the RMP')
    for (const { start, end } of tableRanges(p)) yield [start, end - start];
  if (tmr) yield [tmr.address, tmr.length];
  if (!ring) return;
  for (const page of [ring.lowCommands, ring.lowStatus, ring.highCommands, ring.highStatus])
    if (page !== null) yield [page, PAGE_SIZE];
}

/**
 * Why the firmware does not touch a range, or null: ASEG, TSEG, its own trusted memory, the RMP, the pages of a ring buffer, beyond
 * the highest address, or not inside one range of DRAM (AMD-ASPFW x86_copy.c: validate_address_range).
 */
export function rangeStatus(
  p: Platform,
  raw: RawAddress,
  length: number,
  table: TableUse = 'without the RMP',
): StatusName | null {
  if (length === 0) return 'ERR_INTERNAL';
  const at = withoutC(p, raw);
  const size = BigInt(length);
  if (at + size - 1n > HIGHEST) return 'INVALID_ADDRESS';
  for (const [base, bytes] of forbidden(p, table))
    if (overlap(at, size, base, bytes)) return 'INVALID_ADDRESS';
  const inside = memoryMap(p.config).some(
    ({ kind, base, size: bytes }) =>
      kind === 'dram' && at >= BigInt(base) && at + size <= BigInt(base + bytes),
  );
  return inside ? null : 'INVALID_CONFIG';
}

const SOURCE = 'AMD-ASPFW x86_copy.c (validate_address_range)';

/** A buffer: the field with its address, and its length: a field, a number, or worked out. */
export type Buffer = readonly [address: string, length: string | number | ((call: Call) => number)];

export const lengthOf = (call: Call, length: Buffer[1]): number =>
  typeof length === 'string' ? call.int(length) : typeof length === 'number' ? length : length(call);

/** Buffers that are copied have to be in memory that the firmware may touch. */
export const copyable = (what: string, ...buffers: readonly Buffer[]): Check => ({
  id: 'asp.copy-range',
  says: `${what} lies in memory that the firmware does not touch, or not inside one range of DRAM`,
  status: 'INVALID_ADDRESS',
  source: SOURCE,
  holds: (call) => {
    for (const [address, length] of buffers) {
      const status = rangeStatus(call.p, call.address(address), lengthOf(call, length));
      if (status) return status;
    }
    return false;
  },
});

/** The same where the firmware answers INVALID_ADDRESS whatever is wrong with the range. */
export const reachable = (...of: Parameters<typeof copyable>): Check => {
  const check = copyable(...of);
  return { ...check, holds: (call) => check.holds(call) !== false };
};

export const misaligned = (unit: number, ...names: readonly string[]): Check => ({
  id: 'asp.alignment',
  says: `${names.join(' or ')} is not a multiple of ${unit}`,
  status: 'INVALID_ADDRESS',
  source: 'AMD-ASPFW sev_mcmd.c',
  holds: (call) => names.some((name) => withoutC(call.p, call.address(name)) % BigInt(unit) !== 0n),
});
