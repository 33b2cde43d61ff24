import { PAGE_SIZE } from '../../../engine/core/address';

/** A stretch that lies in one piece in system memory: where it is, and where in the object it goes. */
export interface Stretch {
  readonly spa: number;
  readonly at: number;
  readonly length: number;
}

/**
 * Where the bytes `[address, address + length)` of a guest are in system memory, given the SPA of each of its pages (-1
 * where nothing is mapped): pages that follow each other become one stretch, so that few reads fetch them all.
 */
export function stretches(frames: readonly number[], address: number, length: number): Stretch[] {
  const out: { spa: number; at: number; length: number }[] = [];
  const offset = address % PAGE_SIZE;
  frames.forEach((frame, index) => {
    const skip = index === 0 ? offset : 0;
    const at = index === 0 ? 0 : index * PAGE_SIZE - offset;
    const take = Math.min(PAGE_SIZE - skip, length - at);
    if (frame < 0 || take <= 0) return;
    const last = out.at(-1);
    if (last && last.spa + last.length === frame + skip && last.at + last.length === at) last.length += take;
    else out.push({ spa: frame + skip, at, length: take });
  });
  return out;
}

/** How many pages `[address, address + length)` touches. */
export const pagesTouched = (address: number, length: number): number =>
  length === 0 ? 0 : Math.floor((address + length - 1) / PAGE_SIZE) - Math.floor(address / PAGE_SIZE) + 1;
