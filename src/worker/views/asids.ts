import { masksOf } from '../../engine/asp/asids';
import type { AsidMasks } from '../../engine/core/aspCells';
import type { Platform } from '../../engine/core/platform';
import { CPUID_SAMPLES, decodeCpuid, FEATURE_NAMES } from '../../engine/cpu/cpuid';
import { wbinvdDone } from '../../engine/cpu/wbinvd';
import { allocators, leakedAsids } from '../../engine/xen/asid';
import type { AsidCounters } from '../../engine/xen/asids/events';
import { livingDomains } from '../../engine/xen/domains';
import { hasCoco } from '../../engine/xen/tree';
import type { AllocatorsView, AllocatorView, AsidBooks, AsidState, AsidView } from '../protocol';

/** CPUID Fn8000_001F as it stands, and who holds which ASID. */
export function asidView(p: Platform): AsidView {
  const cell = p.state.cell('cpuid') ?? CPUID_SAMPLES[p.config.generation];
  const cpu = decodeCpuid(cell);
  const { eax, ebx, ecx, edx } = cell.fn8000001f;
  return {
    eax: eax >>> 0,
    ebx,
    ecx,
    edx,
    cBit: cpu.cBit,
    reduction: cpu.reduction,
    physicalBits: cpu.physicalBits,
    features: FEATURE_NAMES.map((name, bit) => ({ bit, name })).filter(({ name }) => cpu.has(name)),
    holders: livingDomains(p).map(({ asid, name }) => ({ asid, guest: name })),
    books: booksOf(p),
    allocators: allocatorsOf(p),
  };
}

const stateOn = ({ inUse, allocated, clean }: AsidMasks, complex: number): AsidState => {
  const on = (mask: number) => ((mask >>> complex) & 1) === 1;
  return on(inUse) ? 'in use' : on(allocated) ? 'allocated' : on(clean) ? 'clean' : 'dirty';
};

/** An ASID that never was anybody’s has no entry of its own; 0 stands for those. */
const NOBODY = 0;

function booksOf(p: Platform): AsidBooks {
  const complexes = [...p.state.caches.keys()];
  const states = (asid: number) => complexes.map((complex) => stateOn(masksOf(p, asid), complex));
  const own = p.state
    .allCells()
    .flatMap(([name]) => (name.startsWith('asid/') ? [Number(name.slice(5))] : []));
  const held = livingDomains(p).flatMap(({ sev, asid }) => (sev ? [asid] : []));
  const asids = [...new Set([...own, ...held])].sort((a, b) => a - b);
  return {
    asids: asids.map((asid) => ({ asid, states: states(asid) })),
    others: states(NOBODY),
    writtenBack: p.state.tlbs.map((_, thread) => wbinvdDone(p, thread)),
  };
}

const counted = (
  { handedOut, generations, vmruns, flushAll, flushAsid }: AsidCounters,
  vcpus: AllocatorView['vcpus'],
): AllocatorView => ({ handedOut, generations, vmruns, flushAll, flushAsid, vcpus });

function allocatorsOf(p: Platform): AllocatorsView {
  const { today, proposed } = allocators(p);
  const names = new Map(livingDomains(p).map(({ id, name }) => [id, name]));
  const called = (key: string) => {
    const [domain = '', vcpu = ''] = key.slice(1).split('v');
    return `${names.get(Number(domain)) ?? `d${domain}`} · vCPU ${vcpu}`;
  };
  return {
    decides: hasCoco(p) ? 'proposed' : 'today',
    today: counted(
      today.counters,
      Object.entries(today.vcpus).map(([key, { asid, generation }]) => ({
        vcpu: called(key),
        asid,
        note: generation === 0 ? 'stale' : `generation ${generation}`,
      })),
    ),
    proposed: counted(
      proposed.counters,
      Object.entries(proposed.vcpus).map(([key, { needsFlush }]) => ({
        vcpu: called(key),
        asid: proposed.domains[key.slice(1).split('v')[0] ?? '']?.asid ?? 0,
        note: needsFlush ? 'flushes at its next VMRUN' : 'no flush due',
      })),
    ),
    cores: today.cores.map(({ generation, nextAsid }) => ({ generation, next: nextAsid })),
    leaked: leakedAsids(p),
  };
}
