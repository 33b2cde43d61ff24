import { resetAsp } from '../asp/keys';
import { PAGE_SIZE } from '../core/address';
import type { MachineConfig } from '../core/config';
import { DONE, type Outcome } from '../core/fault';
import type { FrameRun } from '../core/frameRun';
import { OWNER_FIRMWARE, OWNER_FREE, OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { HOST_MODE, memEncryption } from '../cpu/mode';
import { cpuidOf } from '../cpu/setup';
import { memoryMap } from '../memory/regions';
import { readSpd } from '../memory/stick';
import { mapMemory, tablesOfDirectMap } from './directMap';
import { setOwner } from './frames';
import { newTable, tablesEncrypted } from './tables';

/** Frames beside its own tables that Xen has at least, for guests' tables and control blocks. */
const SPARE_FRAMES = 64;

/**
 * Frames that Xen keeps for itself: a sixteenth, between 512 KiB and 16 MiB (modelled), and more where a scattered memory
 * map needs more tables.
 */
function xenFrames(config: MachineConfig): number {
  const share = Math.min(Math.max(config.memory / 16, 512 * 1024), 16 * 1024 * 1024);
  return Math.max(Math.floor(share / PAGE_SIZE), tablesOfDirectMap(config) + SPARE_FRAMES);
}

/** Power on: firmware sets CPUID, the secure processor makes the host key, Xen takes its memory and builds its tables. */
export function boot(p: Platform): void {
  p.trace.set('power', 0, { on: true });
  if (!p.state.cell('cpuid')) p.trace.set('cpuid', 0, cpuidOf(p.config));
  p.trace.set('device', 0, { domain: null });
  readSpd(p);
  resetSampling(p);
  resetAsp(p);
  p.trace.call(
    'xen',
    'xen',
    '__start_xen',
    { memory: p.config.memory, sme: memEncryption(p) ? p.config.sme : 'off' },
    () => {
      claimMemory(p);
      const built = buildHostTables(p);
      if (!built.ok) throw new Error(`the machine is too small for Xen: ${built.fault.message}`);
    },
  );
}

/** No core samples instructions after a reset, and Xen has kept nothing yet. */
function resetSampling(p: Platform): void {
  for (let core = 0; core < p.state.tlbs.length; core++)
    if (p.state.cell('ibs', core)) p.trace.set('ibs', core, null);
  if (p.state.cell('profiles')) p.trace.set('profiles', 0, null);
}

/** Frame 0 stays away from the heaps (Xen xen/common/page_alloc.c, init_heap_pages): a table root of 0 means none yet. */
function claimMemory(p: Platform): void {
  freeAll(p);
  const heap: FrameRun[] = [];
  const free: FrameRun[] = [];
  let xen = xenFrames(p.config);
  for (const region of memoryMap(p.config)) {
    const run: FrameRun = [region.base / PAGE_SIZE, region.size / PAGE_SIZE];
    if (region.kind === 'reserved') setOwner(p, run, OWNER_FIRMWARE);
    if (region.kind !== 'dram') continue;
    const own = Math.min(xen, run[1]);
    setOwner(p, [run[0], own], OWNER_HYPERVISOR);
    const first = Math.max(run[0], 1);
    if (run[0] + own > first) heap.push([first, run[0] + own - first]);
    if (run[1] > own) free.push([run[0] + own, run[1] - own]);
    xen -= own;
  }
  const domains = p.state.cell('xen')?.domains ?? 0;
  for (const kind of ['allocators', 'driver', 'ring'] as const)
    if (p.state.cell(kind)) p.trace.set(kind, 0, null);
  p.trace.set('xen', 0, { heap, free, domains, hostRoot: 0 });
}

/** After a reset nobody owns anything, whatever the stick still holds. What a dead guest had where is still known: its ciphertext lies there. */
function freeAll(p: Platform): void {
  for (const [number, words] of [...p.state.pages.chunks].sort(([a], [b]) => a - b)) {
    for (let i = 0; i < words.length; i++) {
      if (words[i] !== 0)
        p.trace.page(number * words.length + i, { owner: OWNER_FREE, shared: false, structure: false });
    }
  }
  for (let id = 1; id <= (p.state.cell('xen')?.domains ?? 0); id++) {
    if (p.state.need('domain', id).alive) p.trace.patch('domain', id, { alive: false });
    if (p.state.cell('vcpus', id)) p.trace.set('vcpus', id, null);
  }
}

function buildHostTables(p: Platform): Outcome<null> {
  const root = newTable(p);
  if (!root.ok) return root;
  const mapped = mapMemory(p, root.value);
  if (!mapped.ok) return mapped;
  p.trace.patch('xen', 0, { hostRoot: root.value });
  for (let core = 0; core < p.state.tlbs.length; core++) {
    p.trace.set('core', core, {
      ...HOST_MODE,
      complex: Math.floor(core / (p.config.topology.cores * p.config.topology.threads)),
      hostCr3: root.value,
      hostCr3C: tablesEncrypted(p),
    });
  }
  return DONE;
}
