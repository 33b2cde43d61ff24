import type { Layout } from '../shared/Diagram';

const WIDTH = 4.85;
const HEIGHT = 3;

const box = (x: number, y: number) => ({ at: [x, y] as const, width: WIDTH, height: HEIGHT });

/** Where the keys stand: AMD's above, the platform's below it, the guest's session to the left, memory to the right. */
export const KEY_LAYOUT: Layout = {
  height: 24.5,
  boxes: {
    ark: box(12.5, 2.5),
    ask: box(37.5, 2.5),
    cek: box(62.5, 2.5),
    oca: box(87.5, 2.5),
    pek: box(62.5, 7.75),
    pdh: box(62.5, 13),
    master: box(25, 13),
    kek: box(12.5, 18),
    kik: box(37.5, 18),
    tek: box(12.5, 23),
    tik: box(37.5, 23),
    vek: box(87.5, 13),
    memory: box(87.5, 18),
    oek: box(62.5, 18),
    host: box(87.5, 23),
  },
  arrows: [
    { from: 'ark', to: 'ask', label: [25, 2.5] },
    { from: 'ask', to: 'cek', label: [50, 2.5] },
    { from: 'cek', to: 'pek', label: [62.5, 5.1] },
    { from: 'oca', to: 'pek', label: [76.5, 5.1] },
    { from: 'pek', to: 'pdh', label: [62.5, 10.4] },
    { from: 'pdh', to: 'master', label: [44, 13] },
    { from: 'master', to: 'kek', label: [18.5, 15.5] },
    { from: 'master', to: 'kik', label: [31.5, 15.5] },
    { from: 'kek', to: 'tek', label: [12.5, 20.5] },
    { from: 'kek', to: 'tik' },
    { from: 'kik', to: 'tek' },
    { from: 'kik', to: 'tik', label: [37.5, 20.5] },
    { from: 'vek', to: 'memory', label: [87.5, 15.5] },
  ],
};
