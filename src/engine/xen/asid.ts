import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { featuresOf } from '../cpu/cpuid';
import { livingDomains } from './domains';

const NO_ASID: Rule = {
  id: 'domain.no-asid',
  says: 'Each encrypted guest needs an ASID of its own: without SEV-ES from Fn8000_001F[EDX] to Fn8000_001F[ECX], with it below; Xen keeps 0 and 1 back.',
  source: 'APM vol. 2 §15.34.1, §15.35.2; xen-devel 2025-05-16 (hvm_asid_alloc_range)',
  standing: 'published',
};

/** ASIDs 0 and 1 are the host’s and the one that plain guests share when nothing else is left. */
const FIRST = 2;
const FALLBACK = 1;

/** The ASID of a new domain: an encrypted one’s from its range or not at all, a plain one’s preferably above those. */
export function assignAsid(p: Platform, id: number, encrypted: boolean, es: boolean): Outcome<number> {
  const { maxAsid, minPlainAsid } = featuresOf(p.state);
  const held = new Set([...livingDomains(p).map(({ asid }) => asid), ...p.state.need('xen').leaked]);
  const free = (from: number, to: number): number | null => {
    for (let asid = Math.max(FIRST, from); asid <= to; asid++) if (!held.has(asid)) return asid;
    return null;
  };
  if (!encrypted) return ok(free(maxAsid + 1, LAST) ?? free(FIRST, maxAsid) ?? FALLBACK);
  const [from, to] = es ? [1, minPlainAsid - 1] : [minPlainAsid, maxAsid];
  const found = free(from, to);
  if (found !== null) return ok(found);
  const count = Math.max(0, to - Math.max(FIRST, from) + 1);
  return p.trace.refused(
    refuse(
      NO_ASID,
      'ENOSPC',
      count === 0
        ? `No ASID is set aside for this kind of guest (${from} to ${to}).`
        : `All ${count} ASIDs from ${Math.max(FIRST, from)} to ${to} are taken.`,
      { id, from, to },
      'A guest would have to be destroyed first, or the processor would need more ASIDs.',
    ),
  );
}

/** Highest ASID of the processor. Modelled: CPUID Fn8000_000A[EBX] of all generations, less one. */
const LAST = 32767;

/** A dead domain’s ASID is free again; nothing to do while ASIDs are read off the living. */
export function leaveAsid(_p: Platform, _id: number): void {}
