/** The stretch of changes that is on screen, and where they lie between `left` and `left + width` pixels. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Track {
  readonly left: number;
  readonly width: number;
}

const NARROWEST = 8;

export const whole = (length: number): Range => ({ from: 0, to: Math.max(length, 1) });

/** All that has happened since the power-on, with a glimpse of that before; all of it while there is nothing else or one is in it. */
export function usual(length: number, bootEnd: number, cursor: number): Range {
  if (length <= bootEnd || cursor < bootEnd) return whole(length);
  return clampRange({ from: bootEnd - (length - bootEnd) / 40, to: length }, length);
}

export const pixelOf = ({ from, to }: Range, { left, width }: Track, change: number): number =>
  left + ((change - from) / (to - from)) * width;

export const changeAt = ({ from, to }: Range, { left, width }: Track, pixel: number): number =>
  Math.round(from + ((pixel - left) / width) * (to - from));

/** Keeps a range within what has happened, and no narrower than a few changes. */
export function clampRange({ from, to }: Range, length: number): Range {
  const span = Math.max(NARROWEST, Math.min(to - from, length));
  const start = Math.max(0, Math.min(from, length - span));
  return { from: start, to: start + span };
}

/** Zooms so that the change under the pointer stays under it; `factor` below 1 comes closer. */
export function zoomAt({ from, to }: Range, change: number, factor: number, length: number): Range {
  const next = { from: change - (change - from) * factor, to: change + (to - change) * factor };
  return clampRange(next, length);
}

export const pan = ({ from, to }: Range, by: number, length: number): Range =>
  clampRange({ from: from + by, to: to + by }, length);

/** Follows the cursor out of the picture by turning the page. */
export function reveal(range: Range, cursor: number, length: number): Range {
  if (cursor >= range.from && cursor <= range.to) return range;
  const span = range.to - range.from;
  return clampRange({ from: cursor - span / 4, to: cursor + (span * 3) / 4 }, length);
}
