import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, ok } from '../../core/fault';
import type { FrameRun } from '../../core/frameRun';
import { OWNER_GUEST } from '../../core/page';
import type { Platform } from '../../core/platform';
import { memEncryption } from '../../cpu/mode';
import { wbinvdOn } from '../../cpu/wbinvd';
import { isCoherent } from '../../memory/cache';
import { flushDomainAsid } from '../asid';
import { command, hostAddress } from '../driver/command';
import { frameAt, giveBack, noRoomForTables, takeFrames, takenSince } from '../frames';
import { mapRange } from '../tables';
import { call, chain } from '../trail';
import { flushesAtDestroy } from '../tree';
import { assignMemory } from './assign';
import { piecesOf, swapBlocks } from './swapBlocks';

/** A guest of this size and more is mapped with 2 MiB pages where its memory allows. */
const LARGE_GUEST = 64 * 1024 * 1024;

/** XENMEM_populate_physmap: gives a domain memory behind what it has. Answers with the domain. */
export const populate = (p: Platform, id: number, bytes: number): Outcome<DomainCell> =>
  call(p, 'hypercall', 'XENMEM_populate_physmap', { id, pages: bytes / PAGE_SIZE }, () => {
    const domain = p.state.need('domain', id);
    const large = domain.memory === 0 && bytes >= LARGE_GUEST && bytes % LARGE_PAGE_SIZE === 0;
    const crowded = noRoomForTables(p, bytes / PAGE_SIZE);
    if (crowded) return crowded;
    const frames = takeFrames(p, 'free', bytes / PAGE_SIZE, OWNER_GUEST + id, large);
    if (!frames.ok) return frames;
    if (domain.sev) emptyCaches(p);
    const { heap } = p.state.need('xen');
    const mapped = mapFrames(p, domain, frames.value, large ? LARGE_PAGE_SIZE : PAGE_SIZE);
    const tableFrames = [...domain.tableFrames, ...takenSince(p, heap)];
    if (!mapped.ok) {
      giveBack(p, 'free', frames.value);
      p.trace.patch('domain', id, { tableFrames });
      return mapped;
    }
    p.trace.patch('domain', id, {
      memory: domain.memory + bytes,
      frames: [...domain.frames, ...frames.value],
      tableFrames,
    });
    if (domain.memory === 0) return ok(p.state.need('domain', id));
    flushDomainAsid(p, id);
    const grown = p.state.need('domain', id);
    const given = domain.snp
      ? assignMemory(p, grown, domain.memory / PAGE_SIZE, grown.memory / PAGE_SIZE)
      : DONE;
    return given.ok ? ok(grown) : given;
  });

/**
 * Nested entries for runs of frames behind what the domain has. Of an SNP guest the first 2 MiB are mapped in small pages: they
 * are launched page by page, and the sizes in RMP and p2m have to agree.
 */
function mapFrames(
  p: Platform,
  { nestedRoot, memory, sev, snp }: DomainCell,
  frames: readonly FrameRun[],
  size: number,
): Outcome<null> {
  const c = !sev && memEncryption(p) && p.config.sme === 'full';
  let address = memory;
  for (const [first, count] of frames) {
    const bytes = count * PAGE_SIZE;
    const small = snp && address === 0 && size > PAGE_SIZE ? size : 0;
    for (const [from, to, unit] of [
      [0, small, PAGE_SIZE],
      [small, bytes, size],
    ] as const) {
      const spa = first * PAGE_SIZE + from;
      const mapped = mapRange(p, nestedRoot, address + from, spa, (to - from) / unit, unit, c);
      if (!mapped.ok) return mapped;
    }
    address += bytes;
  }
  return DONE;
}

/** Where key domains are not coherent, frames that get a key must have no lines under another (Linux sev.c, sev_clflush_pages). */
function emptyCaches(p: Platform): void {
  if (!isCoherent(p)) flushAllCaches(p);
}

/** WBINVD on every thread: `flush_all` with a flag for the caches. */
export function flushAllCaches(p: Platform): void {
  for (let thread = 0; thread < p.state.tlbs.length; thread++) wbinvdOn(p, thread);
}

/** Most pages in one LAUNCH_UPDATE_DATA (xen-devel 2025-05-16: sev_domain_prepare_initial_mem). */
const RUN_LIMIT = 512;

/** XEN_COCO_prepare_initial_mem: what Domain-0 wrote in the clear is measured and encrypted in place. */
export const prepareInitialMemory = (p: Platform, id: number, gfn: number, count: number): Outcome<null> =>
  chain(
    p,
    [
      ['hypercall', '__HYPERVISOR_coco_op / XEN_COCO_prepare_initial_mem'],
      ['svm', 'sev_domain_prepare_initial_mem'],
    ],
    { id, gfn, count },
    () => {
      const domain = p.state.need('domain', id);
      const { handle, frames } = domain;
      for (let page = gfn; page < gfn + count; page++) swapBlocks(p, domain, page);
      if (flushesAtDestroy(p)) {
        call(p, 'svm', 'flush_all(FLUSH_CACHE_WRITEBACK)', {}, () => {
          flushAllCaches(p);
          return DONE;
        });
      }
      let at = gfn;
      for (const [first, size] of runsOf(frames, gfn, count)) {
        const stretch = { spa: first * PAGE_SIZE, length: size * PAGE_SIZE, gfn: at };
        at += size;
        for (const [spa, length] of piecesOf(p, domain, stretch)) {
          const updated = command(p, 'LAUNCH_UPDATE_DATA', {
            HANDLE: handle ?? 0,
            PADDR: hostAddress(p, spa),
            LENGTH: length,
          });
          if (!updated.ok) return updated;
        }
      }
      return DONE;
    },
  );

/** The frames behind a range of guest frames, as runs of neighbours of at most `RUN_LIMIT`. */
function runsOf(frames: readonly FrameRun[], gfn: number, count: number): FrameRun[] {
  const runs: [number, number][] = [];
  for (let i = gfn; i < gfn + count; i++) {
    const frame = frameAt(frames, i);
    if (frame === null) continue;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === frame && last[1] < RUN_LIMIT) last[1]++;
    else runs.push([frame, 1]);
  }
  return runs;
}
