import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, type Rule } from '../../core/fault';
import type { FrameRun } from '../../core/frameRun';
import { OWNER_FIRMWARE } from '../../core/page';
import type { Platform } from '../../core/platform';
import { authoritative, headOf, readEntry, snpEnabled } from '../../rmp/table';
import { printk } from '../console';
import { WINDOWS } from '../directMap';
import { reclaimWith } from '../driver/command';
import { frameAt, setOwner } from '../frames';
import { frameOf } from '../guestFrames';
import { nestedSize } from '../nested';
import { smashRmp, updateRmp, updateRmpRun } from '../rmp';
import { editLeaf } from '../tables';
import { call } from '../trail';

/** Pages that change hands between Xen and an SNP guest, in the RMP. */
const SPLIT: Rule = {
  id: 'xen.direct-map-split',
  says: 'Before a page of 4 KiB is assigned, Xen’s own large mappings of its 2 MiB are split: a write through one that holds an assigned page would fault even beside that page.',
  source:
    'APM vol. 2 §15.36.10; Linux arch/x86/virt/svm/sev.c (adjust_direct_map); that Xen does the same is modelled',
  standing: 'modelled',
};

/** Maps the 2 MiB that hold an address in pages of 4 KiB, in each of Xen’s three windows. */
export function splitDirectMap(p: Platform, spa: number): Outcome<null> {
  p.trace.fact('note', { what: 'direct map split', spa: headOf(spa) }, SPLIT);
  const { hostRoot } = p.state.need('xen');
  for (const base of [WINDOWS.mapped, WINDOWS['0'], WINDOWS['1']]) {
    const split = editLeaf(p, hostRoot, base + headOf(spa), (raw) => raw);
    if (!split.ok) return split;
  }
  return DONE;
}

/** Neighbouring frames behind neighbouring guest frames, from the first of each on. */
interface Run {
  readonly frame: number;
  readonly gfn: number;
  readonly count: number;
}

function runsOf(domain: DomainCell, gfn: number, count: number, wanted: (spa: number) => boolean): Run[] {
  const runs: Run[] = [];
  for (let i = gfn; i < gfn + count; i++) {
    const frame = frameOf(domain, i);
    if (frame === null || !wanted(frame * PAGE_SIZE)) continue;
    const last = runs.at(-1);
    if (last && last.frame + last.count === frame && last.gfn + last.count === i)
      runs[runs.length - 1] = { ...last, count: last.count + 1 };
    else runs.push({ frame, gfn: i, count: 1 });
  }
  return runs;
}

/** RMPUPDATE of pages of 4 KiB to a guest, at SPAs that follow each other. */
export function assignRun(
  p: Platform,
  { asid }: DomainCell,
  spa: number,
  pages: number,
  { gpa, immutable }: { readonly gpa: number; readonly immutable: boolean },
): Outcome<null> {
  for (let head = headOf(spa); head < spa + pages * PAGE_SIZE; head += LARGE_PAGE_SIZE) {
    const split = splitDirectMap(p, head);
    if (!split.ok) return split;
  }
  const updated = updateRmpRun(p, spa, pages, { assigned: true, asid, gpa, immutable });
  return updated.ok ? DONE : updated;
}

/** Pages of a guest that the launch will take: immutable. */
export function assignForLaunch(p: Platform, domain: DomainCell, gfn: number, count: number): Outcome<null> {
  for (const run of runsOf(domain, gfn, count, () => true)) {
    const at = { gpa: run.gfn * PAGE_SIZE, immutable: true };
    const assigned = assignRun(p, domain, run.frame * PAGE_SIZE, run.count, at);
    if (!assigned.ok) return assigned;
  }
  return DONE;
}

const LARGE = LARGE_PAGE_SIZE / PAGE_SIZE;

/** Can the 2 MiB of a guest be one page of the RMP: mapped as such, and nothing of them assigned yet? */
const fitsLarge = (p: Platform, domain: DomainCell, gfn: number, end: number): boolean =>
  gfn % LARGE === 0 &&
  gfn + LARGE <= end &&
  nestedSize(p, domain, gfn * PAGE_SIZE) >= LARGE_PAGE_SIZE &&
  readEntry(p, (frameAt(domain.frames, gfn) ?? 0) * PAGE_SIZE)?.subPageCount === 0;

/** The rest of a guest’s memory between two guest frames: assigned, and accepted by nobody yet. */
export function assignMemory(p: Platform, domain: DomainCell, from: number, end: number): Outcome<null> {
  const { asid } = domain;
  const foreign = (spa: number) => authoritative(p, spa)?.asid !== asid;
  for (let gfn = from; gfn < end; ) {
    if (fitsLarge(p, domain, gfn, end)) {
      const spa = (frameAt(domain.frames, gfn) ?? 0) * PAGE_SIZE;
      const updated = updateRmp(p, spa, { assigned: true, large: true, asid, gpa: gfn * PAGE_SIZE });
      if (!updated.ok) return updated;
      gfn += LARGE;
      continue;
    }
    const next = Math.min(end, gfn - (gfn % LARGE) + LARGE);
    for (const run of runsOf(domain, gfn, next - gfn, foreign)) {
      const at = { gpa: run.gfn * PAGE_SIZE, immutable: false };
      const assigned = assignRun(p, domain, run.frame * PAGE_SIZE, run.count, at);
      if (!assigned.ok) return assigned;
    }
    gfn = next;
  }
  return DONE;
}

const isForeign = (p: Platform, frame: number): boolean =>
  authoritative(p, frame * PAGE_SIZE)?.assigned === true;

/** Frames that are somebody’s in the RMP, as runs inside one region of 2 MiB each. */
function foreignRuns(p: Platform, frames: readonly FrameRun[]): FrameRun[] {
  const runs: [number, number][] = [];
  for (const [first, count] of frames)
    for (let frame = first; frame < first + count; frame++) {
      if (!isForeign(p, frame)) continue;
      const last = runs.at(-1);
      if (last && last[0] + last[1] === frame && frame % LARGE !== 0) last[1]++;
      else runs.push([frame, 1]);
    }
  return runs;
}

/** What the firmware holds comes back through it, the rest with RMPUPDATE alone. */
function takeRun(p: Platform, [first, count]: FrameRun): void {
  const spa = first * PAGE_SIZE;
  const head = readEntry(p, headOf(spa));
  const { spare } = p.state.cell('driver') ?? {};
  const reclaim = (at: number, large: boolean) => {
    if (spare !== undefined) reclaimWith(p, spare)({ spa: at, large });
  };
  if (head?.large) {
    if (head.immutable) reclaim(headOf(spa), true);
    if (count === LARGE) {
      updateRmp(p, spa, { large: true });
      return;
    }
    if (!smashRmp(p, headOf(spa)).ok) return;
  }
  for (let frame = first; frame < first + count; frame++)
    if (readEntry(p, frame * PAGE_SIZE)?.immutable) reclaim(frame * PAGE_SIZE, false);
  for (let frame = first; frame < first + count; frame++) {
    if (updateRmpRun(p, frame * PAGE_SIZE, first + count - frame, {}).ok) return;
    while (frame < first + count && !isForeign(p, frame)) frame++;
  }
}

/**
 * Frames become the hypervisor’s again. Answers with those that did: one that does not come back is put out of use (xcp-ng/xen
 * c5c3939fa6: xen/arch/x86/coco/sev.c).
 */
export function takeFramesBack(p: Platform, frames: readonly FrameRun[]): readonly FrameRun[] {
  if (!snpEnabled(p)) return frames;
  const foreign = foreignRuns(p, frames);
  if (foreign.length === 0) return frames;
  call(p, 'svm', 'SNP: SNP_PAGE_RECLAIM, RMPUPDATE', { runs: foreign.length }, () => {
    for (const run of foreign) takeRun(p, run);
    return DONE;
  });
  return withoutLost(p, frames);
}

function withoutLost(p: Platform, frames: readonly FrameRun[]): FrameRun[] {
  const back: [number, number][] = [];
  let lost = 0;
  for (const [first, count] of frames) {
    let open = false;
    for (let frame = first; frame < first + count; frame++) {
      if (isForeign(p, frame)) {
        setOwner(p, [frame, 1], OWNER_FIRMWARE);
        lost++;
        open = false;
        continue;
      }
      const last = back.at(-1);
      if (open && last) last[1]++;
      else back.push([frame, 1]);
      open = true;
    }
  }
  if (lost > 0) printk(p, `SEV-SNP: pages that cannot be reclaimed, offlined: ${lost}`);
  return back;
}
