import type { AsidMasks, AsidsCell } from '../core/aspCells';
import type { Platform } from '../core/platform';
import { featuresOf } from '../cpu/cpuid';

/**
 * The firmware's books about ASIDs: for each, on which core complexes it is dirty (used and not flushed since), clean,
 * allocated (its guest does not run yet) or in use (AMD-ASPFW sev_plat.h: perm_globals_t).
 */

/** Highest ASID: 1006 in AMD-ASPFW (Genoa); here what CPUID Fn8000_001F[ECX] says of the generation. */
export const maxAsid = (p: Platform): number => featuresOf(p.state).maxAsid;

/** MIN_SEV_ASID: guests with SEV-ES or SEV-SNP lie below it, plain SEV guests from it on. */
export const minSevAsid = (p: Platform): number => featuresOf(p.state).minPlainAsid;

/** One bit for each core complex of the machine, at most 32. */
export const allComplexes = (p: Platform): number => 0xffffffff >>> (32 - p.state.caches.length);

const join = (a: number, b: number): number => (a | b) >>> 0;
const without = (a: number, b: number): number => (a & ~b) >>> 0;
const meet = (a: number, b: number): number => (a & b) >>> 0;

const rest = (p: Platform): AsidsCell => p.state.cell('asids') ?? { dirty: allComplexes(p), clean: 0 };

export const masksOf = (p: Platform, asid: number): AsidMasks =>
  p.state.cell('asid', asid) ?? { ...rest(p), allocated: 0, inUse: 0 };

function setMasks(p: Platform, asid: number, masks: AsidMasks): void {
  const { dirty, clean } = rest(p);
  const usual = masks.dirty === dirty && masks.clean === clean && masks.allocated === 0 && masks.inUse === 0;
  const before = p.state.cell('asid', asid);
  if (usual && before === null) return;
  p.trace.set('asid', asid, usual ? null : masks);
}

/** ASIDs that differ from the rest, ascending. */
function ownMasks(p: Platform): [asid: number, masks: AsidMasks][] {
  const last = maxAsid(p);
  const own: [number, AsidMasks][] = [];
  for (let asid = 1; asid <= last; asid++) {
    const masks = p.state.cell('asid', asid);
    if (masks) own.push([asid, masks]);
  }
  return own;
}

/** INIT with SNP down: everything is dirty everywhere. */
export function dirtyAllAsids(p: Platform): void {
  for (const [asid] of ownMasks(p)) p.trace.set('asid', asid, null);
  if (p.state.cell('asids')) p.trace.set('asids', 0, null);
}

/** DF_FLUSH: what is dirty on these complexes becomes clean. */
export function cleanAsids(p: Platform, complexes: number): void {
  const flushed = <M extends AsidsCell>(masks: M): M => ({
    ...masks,
    dirty: without(masks.dirty, complexes),
    clean: join(masks.clean, meet(masks.dirty, complexes)),
  });
  const before = rest(p);
  const own = ownMasks(p);
  if (meet(before.dirty, complexes) !== 0) p.trace.set('asids', 0, flushed(before));
  for (const [asid, masks] of own) setMasks(p, asid, flushed(masks));
}

/** The guest of `asid` gets these complexes: reserved for it, or in use when it may run there at once. */
export function occupyAsid(p: Platform, asid: number, complexes: number, runs: boolean): void {
  const { dirty, clean, allocated, inUse } = masksOf(p, asid);
  setMasks(p, asid, {
    dirty: without(dirty, complexes),
    clean: without(clean, complexes),
    allocated: runs ? without(allocated, complexes) : join(allocated, complexes),
    inUse: runs ? join(inUse, complexes) : inUse,
  });
}

/** LAUNCH_FINISH, RECEIVE_FINISH: where the ASID was reserved, the cores now take it. */
export function admitAsid(p: Platform, asid: number): void {
  const masks = masksOf(p, asid);
  setMasks(p, asid, { ...masks, allocated: 0, inUse: join(masks.inUse, masks.allocated) });
}

/** The guest leaves: dirty where it could run, clean at once where the ASID was only reserved. Answers with the former. */
export function releaseAsid(p: Platform, asid: number): number {
  const { dirty, clean, allocated, inUse } = masksOf(p, asid);
  setMasks(p, asid, { dirty: join(dirty, inUse), clean: join(clean, allocated), allocated: 0, inUse: 0 });
  return inUse;
}

/** Is every ASID clean on every core complex: did nobody use one since the last DF_FLUSH? */
export const allClean = (p: Platform): boolean =>
  rest(p).clean === allComplexes(p) && ownMasks(p).every(([, { clean }]) => clean === allComplexes(p));
