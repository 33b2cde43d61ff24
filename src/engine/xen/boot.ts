import { resetAsp } from '../asp/keys';
import { HUGE_PAGE_SIZE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { FrameRun } from '../core/cells';
import type { Outcome } from '../core/fault';
import { DONE } from '../core/fault';
import { OWNER_FIRMWARE, OWNER_FREE, OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { CPUID_SAMPLES } from '../cpu/cpuid';
import { memEncryption } from '../cpu/translate';
import { memoryMap } from '../memory/regions';
import { setOwner } from './frames';
import { mapRange, newTable, tablesEncrypted } from './tables';

/**
 * The hypervisor's own address space: a direct map at 0 whose C-bits follow the SME policy, and two alias windows of the
 * same memory, one all C = 0 and one all C = 1, through which it looks at a page either way.
 */
export const ALIAS_C0 = 2 ** 44;
export const ALIAS_C1 = 2 ** 45;

/** Part of DRAM that Xen keeps for itself: a sixteenth, between 512 KiB and 16 MiB (modelled). */
const xenSize = (memory: number): number => Math.min(Math.max(memory / 16, 512 * 1024), 16 * 1024 * 1024);

/** Power on: firmware sets CPUID, the secure processor makes the host key, Xen takes its memory and builds its tables. */
export function boot(p: Platform): void {
  const { fn8000001f, fn80000008eax } = CPUID_SAMPLES[p.config.generation];
  p.trace.set('power', 0, { on: true });
  if (!p.state.cell('cpuid')) p.trace.set('cpuid', 0, { fn8000001f, fn80000008eax });
  p.trace.set('device', 0, { domain: null });
  resetAsp(p);
  p.trace.call(
    'xen',
    'xen',
    'start_xen',
    { memory: p.config.memory, sme: memEncryption(p) ? p.config.sme : 'off' },
    () => {
      claimMemory(p);
      const built = buildHostTables(p);
      if (!built.ok) throw new Error(`the machine is too small for Xen: ${built.fault.message}`);
    },
  );
}

function claimMemory(p: Platform): void {
  freeAll(p);
  const heap: FrameRun[] = [];
  const free: FrameRun[] = [];
  let xen = xenSize(p.config.memory) / PAGE_SIZE;
  for (const region of memoryMap(p.config)) {
    const run: FrameRun = [region.base / PAGE_SIZE, region.size / PAGE_SIZE];
    if (region.kind === 'reserved') setOwner(p, run, OWNER_FIRMWARE);
    if (region.kind !== 'dram') continue;
    const own = Math.min(xen, run[1]);
    setOwner(p, [run[0], own], OWNER_HYPERVISOR);
    if (own > 0) heap.push([run[0], own]);
    if (run[1] > own) free.push([run[0] + own, run[1] - own]);
    xen -= own;
  }
  const domains = p.state.cell('xen')?.domains ?? 0;
  p.trace.set('xen', 0, { heap, free, domains, hostRoot: 0 });
}

/** After a reset nobody owns anything, whatever the stick still holds. */
function freeAll(p: Platform): void {
  for (const [number, words] of p.state.pages.chunks) {
    for (let i = 0; i < words.length; i++) {
      if (words[i] !== 0)
        p.trace.page(number * words.length + i, { owner: OWNER_FREE, shared: false, structure: false });
    }
  }
  for (let id = 0; id < (p.state.cell('xen')?.domains ?? 0); id++) {
    if (p.state.need('domain', id).alive) p.trace.patch('domain', id, { alive: false });
  }
}

function buildHostTables(p: Platform): Outcome<null> {
  const root = newTable(p);
  if (!root.ok) return root;
  const c = memEncryption(p) && p.config.sme === 'full';
  for (const [base, cBit] of [
    [0, c],
    [ALIAS_C0, false],
    [ALIAS_C1, memEncryption(p)],
  ] as const) {
    const mapped = mapAll(p, root.value, base, cBit);
    if (!mapped.ok) return mapped;
  }
  p.trace.patch('xen', 0, { hostRoot: root.value });
  for (let core = 0; core < p.state.tlbs.length; core++) {
    p.trace.set('core', core, {
      complex: Math.floor(core / (p.config.topology.cores * p.config.topology.threads)),
      domain: null,
      asid: 0,
      sev: false,
      nestedPaging: false,
      hostCr3: root.value,
      hostCr3C: tablesEncrypted(p),
      nestedCr3: 0,
      nestedCr3C: false,
      guestCr3: 0,
      guestPaging: false,
    });
  }
  return DONE;
}

/** All of memory at `base`: 1 GiB pages, and 2 MiB pages where a GiB is not full. */
function mapAll(p: Platform, root: number, base: number, c: boolean): Outcome<null> {
  for (const { base: start, size, kind } of memoryMap(p.config)) {
    if (kind !== 'dram' && kind !== 'reserved') continue;
    const aligned = start - (start % LARGE_PAGE_SIZE);
    const end = start + size;
    let at = aligned;
    while (at < end) {
      const huge = at % HUGE_PAGE_SIZE === 0 ? Math.floor((end - at) / HUGE_PAGE_SIZE) : 0;
      const large = Math.ceil(
        (Math.min(end, at - (at % HUGE_PAGE_SIZE) + HUGE_PAGE_SIZE) - at) / LARGE_PAGE_SIZE,
      );
      const count = huge > 0 ? huge : large;
      const unit = huge > 0 ? HUGE_PAGE_SIZE : LARGE_PAGE_SIZE;
      const mapped = mapRange(p, root, base + at, at, count, unit, c);
      if (!mapped.ok) return mapped;
      at += count * unit;
    }
  }
  return DONE;
}
