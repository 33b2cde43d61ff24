import { OWNER_FIRMWARE, OWNER_FREE, OWNER_GUEST, OWNER_HYPERVISOR, pageOwner } from '../../engine/core/page';

/** Which page speaks for its neighbours where one pixel stands for many: the highest rank. */
export const RANK = {
  free: 0,
  reserved: 1,
  hypervisor: 2,
  firmware: 3,
  guest: 4,
  faulted: 5,
  hot: 6,
} as const;

export function rankOf(word: number): number {
  const owner = pageOwner(word);
  if (owner > OWNER_GUEST) return RANK.guest;
  if (owner === OWNER_FREE) return RANK.free;
  if (owner === OWNER_HYPERVISOR) return RANK.hypervisor;
  return owner === OWNER_FIRMWARE ? RANK.firmware : RANK.reserved;
}
