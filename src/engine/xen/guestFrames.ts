import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { frameAt, indexOfFrame } from './frames';

type Memory = Pick<DomainCell, 'memory' | 'frames' | 'firmware'>;

/** The frame that a domain was given for a guest frame, or null: its memory begins at 0, its firmware’s image where that lies. */
export function frameOf({ memory, frames, firmware }: Memory, gfn: number): number | null {
  const pages = memory / PAGE_SIZE;
  if (gfn < pages) return frameAt(frames, gfn);
  const inImage = firmware ? gfn - firmware.gfn : -1;
  return firmware && inImage >= 0 && inImage < firmware.pages ? frameAt(frames, pages + inImage) : null;
}

/** The guest frame for which a domain was given a frame, or null. */
export function gfnOf({ memory, frames, firmware }: Memory, frame: number): number | null {
  const index = indexOfFrame(frames, frame);
  const pages = memory / PAGE_SIZE;
  return index === null || index < pages || !firmware ? index : firmware.gfn + index - pages;
}
