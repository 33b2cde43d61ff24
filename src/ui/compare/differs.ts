import type { SideStep } from '../../lab/lockstep';
import type { Sight } from '../../lab/watch';

const seenBy = (step: SideStep | undefined): Sight | null => step?.watched?.seenByGuest ?? null;

/** A 1 for each byte that the guest reads otherwise on another machine; null where it reads none, or all read the same. */
export function differingBytes(row: readonly SideStep[], index: number): Uint8Array | null {
  const own = seenBy(row[index]);
  if (!own?.ok) return null;
  const mask = new Uint8Array(own.bytes.length);
  row.forEach((step, at) => {
    const other = seenBy(step);
    if (at === index || !other?.ok) return;
    for (const [n, byte] of own.bytes.entries()) if (other.bytes[n] !== byte) mask[n] = 1;
  });
  return mask.includes(1) ? mask : null;
}
