import { PAGE_SIZE } from '../../core/address';
import { type Outcome, ok } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { hostAccess } from '../host';
import { frameBehind } from '../nested';
import type { Left } from './left';

/** Pieces of a run of guest memory, page by page: where each lies for Xen, and which bytes of the run it holds. */
function* pieces(
  p: Platform,
  { domain }: Left,
  gpa: number,
  length: number,
): Generator<{ readonly spa: number | null; readonly from: number; readonly to: number }> {
  for (let from = 0; from < length; ) {
    const at = gpa + from;
    const to = Math.min(length, from + PAGE_SIZE - (at % PAGE_SIZE));
    const frame = frameBehind(p, domain, at - (at % PAGE_SIZE));
    yield { spa: frame === null ? null : frame + (at % PAGE_SIZE), from, to };
    from = to;
  }
}

/**
 * Bytes of guest memory as Xen sees them, which is useful where the guest means them to be shared; null where a page is not
 * mapped (Linux arch/x86/kvm/svm/sev.c, setup_vmgexit_scratch).
 */
export function readGuest(p: Platform, left: Left, gpa: number, length: number): Outcome<Uint8Array | null> {
  const out = new Uint8Array(length);
  for (const { spa, from, to } of pieces(p, left, gpa, length)) {
    if (spa === null) return ok(null);
    const seen = hostAccess(p, left.core, 'read', spa, '0', to - from);
    if (!seen.ok) return seen;
    out.set(seen.value, from);
  }
  return ok(out);
}

/** Stores into guest memory through Xen’s own mapping. Pages that are not mapped are left out. */
export function writeGuest(p: Platform, left: Left, gpa: number, bytes: Uint8Array): Outcome<null> {
  for (const { spa, from, to } of pieces(p, left, gpa, bytes.length)) {
    if (spa === null) continue;
    const part = bytes.subarray(from, to);
    const stored = hostAccess(p, left.core, 'write', spa, '0', part.length, part);
    if (!stored.ok) return stored;
  }
  return ok(null);
}
