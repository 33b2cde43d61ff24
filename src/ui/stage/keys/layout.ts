import type { Box, Layout } from '../shared/diagramLayout';

/** Where the keys stand: AMD's above, the platform's below it, the guest's session to the left, memory to the right. */
const PLACES = {
  ark: [12.5, 0],
  ask: [37.5, 0],
  cek: [62.5, 0],
  oca: [87.5, 0],
  pek: [62.5, 1],
  pdh: [62.5, 2],
  master: [25, 2],
  kek: [12.5, 3],
  kik: [37.5, 3],
  tek: [12.5, 4],
  tik: [37.5, 4],
  vek: [87.5, 2],
  memory: [87.5, 3],
  oek: [62.5, 3],
  host: [87.5, 4],
} as const;

/** Which are connected, and where that is written: columns in percent, rows of keys counted from above. */
const ARROWS = [
  ['ark', 'ask', 25, 0],
  ['ask', 'cek', 50, 0],
  ['cek', 'pek', 62.5, 0.5],
  ['oca', 'pek', 75.5, 0.5],
  ['pek', 'pdh', 62.5, 1.5],
  ['pdh', 'master', 44, 2],
  ['master', 'kek', 18.5, 2.5],
  ['master', 'kik', 31.5, 2.5],
  ['kek', 'tek', 12.5, 3.5],
  ['kek', 'tik', 0, 0],
  ['kik', 'tek', 0, 0],
  ['kik', 'tik', 37.5, 3.5],
  ['vek', 'memory', 87.5, 2.5],
] as const;

/** @param beside whether there is room to write between keys of one row. */
function layout(width: number, height: number, rowHeight: number, beside: boolean): Layout {
  const top = (row: number): number => height / 2 + 0.5 + row * rowHeight;
  const boxes: Record<string, Box> = {};
  for (const [id, [x, row]] of Object.entries(PLACES)) boxes[id] = { at: [x, top(row)], width, height };
  return {
    height: top(4) + height / 2 + 0.5,
    boxes,
    arrows: ARROWS.map(([from, to, x, row]) => ({
      from,
      to,
      ...(x > 0 && (beside || row % 1 > 0) && { label: [x, top(row)] as const }),
    })),
  };
}

/** For a narrow place, and for a wide one, in which each key also tells who made it. */
export const NARROW_KEYS = layout(4.5, 3, 5.1, false);
export const WIDE_KEYS = layout(6.25, 4, 5.9, true);
