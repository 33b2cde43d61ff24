import { freeIn, insert, without } from './bitmap';
import type { GuestKind } from './events';
import { kvmRanges } from './ranges';

/** What KVM's allocator knows: only encrypted guests use it (linux arch/x86/kvm/svm/sev.c; xen.md B.6). */
export interface KvmState {
  readonly maxSev: number;
  readonly minSev: number;
  /** `sev_asid_bitmap`: in use, or not yet flushed. */
  readonly bitmap: readonly number[];
  /** `sev_reclaim_asid_bitmap`: given back, to be had again after one flush for all of them. */
  readonly reclaim: readonly number[];
  /** By name of the virtual machine. */
  readonly vms: { readonly [name: string]: number };
}

export type KvmEvent =
  | { readonly event: 'create'; readonly vm: string; readonly kind: Exclude<GuestKind, 'plain'> }
  | { readonly event: 'destroy'; readonly vm: string };

export type KvmError = 'EBUSY' | 'ENOTTY' | 'EINVAL';

export interface KvmStep {
  readonly state: KvmState;
  readonly result: { readonly asid: number } | { readonly error: KvmError } | null;
  /** Was everything flushed: WBINVD on all CPUs, then DF_FLUSH? */
  readonly flushed: boolean;
}

export const startKvm = (maxSev: number, minSev: number): KvmState => ({
  maxSev,
  minSev,
  bitmap: [],
  reclaim: [],
  vms: {},
});

/** KVM's lazy reclaim: freed numbers wait, and one flush recycles them all, where Xen's branch flushes at each destroy. */
export function kvm(state: KvmState, event: KvmEvent): KvmStep {
  if (event.event === 'create') return create(state, event.vm, event.kind);
  const asid = state.vms[event.vm];
  if (asid === undefined) throw new Error(`there is no virtual machine ${event.vm}`);
  const { [event.vm]: _, ...vms } = state.vms;
  return { state: { ...state, vms, reclaim: insert(state.reclaim, asid) }, result: null, flushed: false };
}

function create(state: KvmState, vm: string, kind: GuestKind): KvmStep {
  const ranges = kvmRanges({ asids: 0, maxSev: state.maxSev, minSev: state.minSev });
  const range = kind === 'sev' ? ranges.sev : (ranges.sevEs ?? 'ENOTTY');
  if (typeof range === 'string') {
    return { state, result: { error: range === 'ENOTTY' ? 'ENOTTY' : 'EINVAL' }, flushed: false };
  }
  const take = (from: KvmState, asid: number, flushed: boolean): KvmStep => ({
    state: { ...from, bitmap: insert(from.bitmap, asid), vms: { ...from.vms, [vm]: asid } },
    result: { asid },
    flushed,
  });
  const free = freeIn(state.bitmap, range);
  if (free !== null) return take(state, free, false);
  const [first, last] = range;
  if (!state.reclaim.some((asid) => asid >= first && asid <= last)) {
    return { state, result: { error: 'EBUSY' }, flushed: false };
  }
  const bitmap = state.reclaim.reduce(without, state.bitmap);
  const recycled: KvmState = { ...state, bitmap, reclaim: [] };
  return take(recycled, freeIn(bitmap, range)!, true);
}
