import { PAGE_STATES } from '../../../engine/rmp/types';
import { packColour } from '../../map/colour';
import { rmpColour } from '../../map/rmpStates';
import type { MapTheme } from '../../map/theme';

/** Which state speaks where a row of pixels stands for many pages: the first of these. */
const SPEAKING = [
  'Invalid',
  'Pre-Swap',
  'Pre-Guest',
  'Context',
  'Metadata',
  'Firmware-IOMMU',
  'Guest-Invalid',
  'Guest-Valid',
  'Reclaim',
  'Firmware',
  'HV-fixed',
  'Default',
  'Hypervisor',
] as const satisfies readonly (typeof PAGE_STATES)[number][];

const HYPERVISOR = PAGE_STATES.indexOf('Hypervisor');
const RANK = PAGE_STATES.map((state) => SPEAKING.length - SPEAKING.indexOf(state));

/** Which row of a strip a page is in. */
export const rowOfPage = (pfn: number, pages: number, height: number): number =>
  Math.min(height - 1, Math.floor((pfn / pages) * height));

/** The first page of a row. */
export const pageOfRow = (row: number, pages: number, height: number): number =>
  Math.max(0, Math.min(pages - 1, Math.ceil((row / height) * pages)));

/**
 * The state that each row of pixels shows, as its place in `PAGE_STATES`.
 * @param pairs page frame numbers with states; all other pages are the hypervisor’s.
 */
export function stripStates(pairs: ArrayLike<number>, pages: number, height: number): Uint8Array {
  const states = new Uint8Array(height).fill(HYPERVISOR);
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const state = pairs[i + 1] ?? HYPERVISOR;
    const from = rowOfPage(pairs[i] ?? 0, pages, height);
    // With fewer pages than rows a page takes several of them.
    const to = Math.max(from + 1, Math.floor((((pairs[i] ?? 0) + 1) / pages) * height));
    for (let row = from; row < Math.min(to, height); row++)
      if ((RANK[state] ?? 0) > (RANK[states[row] ?? HYPERVISOR] ?? 0)) states[row] = state;
  }
  return states;
}

/** The rows in the colours of the map. */
export function stripImage(states: Uint8Array, width: number, theme: MapTheme): ImageData {
  const colours = PAGE_STATES.map((state) => packColour(rmpColour(theme, state)));
  const pixels = new Uint32Array(width * states.length);
  for (const [row, state] of states.entries())
    pixels.fill(colours[state] ?? 0, row * width, (row + 1) * width);
  return new ImageData(new Uint8ClampedArray(pixels.buffer), width, states.length);
}
