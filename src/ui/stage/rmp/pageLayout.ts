import type { PageEdge, PageMover } from '../../../engine/asp/snp/pageMachine';
import type { PageState } from '../../../engine/rmp/types';
import type { Arrow, Box, Layout, Spot } from '../shared/diagramLayout';

/** Where the states of a page stand. What they are and who takes which edge comes from the engine’s table. */

const box = (x: number, y: number): Box => ({ at: [x, y], width: 7.5, height: 2.75 });

const BOXES: Readonly<Record<PageState, Box>> = {
  'HV-fixed': box(14, 2),
  Context: box(50, 2),
  Default: box(86, 2),
  Hypervisor: box(14, 9.5),
  Firmware: box(50, 9.5),
  Metadata: box(86, 9.5),
  Reclaim: box(50, 17),
  'Firmware-IOMMU': box(86, 17),
  'Guest-Invalid': box(14, 26),
  'Pre-Guest': box(50, 26),
  'Pre-Swap': box(86, 26),
  'Guest-Valid': box(50, 34.5),
  Invalid: box(86, 34.5),
};

const arrow = (
  from: PageState,
  to: PageState,
  label: Spot,
  { shift, via }: Pick<Arrow, 'shift' | 'via'> = {},
): Arrow => ({ from, to, label, ...(shift !== undefined && { shift }), ...(via && { via }) });

/** The edges of an ordinary life, and all the firmware’s own. */
const USUAL: readonly Arrow[] = [
  arrow('Hypervisor', 'Firmware', [32, 9.5]),
  arrow('Firmware', 'HV-fixed', [27, 4.8]),
  arrow('Firmware', 'Context', [43, 5.9], { shift: -1.6 }),
  arrow('Context', 'Firmware', [60, 5.9], { shift: -1.6 }),
  arrow('Firmware', 'Metadata', [68, 8.3], { shift: 0.7 }),
  arrow('Metadata', 'Firmware', [68, 10.9], { shift: 0.7 }),
  arrow('Firmware', 'Reclaim', [50, 13.2]),
  arrow('Metadata', 'Reclaim', [74, 13.6]),
  arrow('Firmware-IOMMU', 'Reclaim', [68, 17]),
  arrow('Reclaim', 'Hypervisor', [31, 13.2]),
  arrow('Hypervisor', 'Guest-Invalid', [8.5, 17.6], { shift: -2.2 }),
  arrow('Guest-Invalid', 'Hypervisor', [19.5, 15.4], { shift: -2.2 }),
  arrow('Hypervisor', 'Pre-Guest', [34, 18.4]),
  arrow('Pre-Guest', 'Guest-Invalid', [32, 26]),
  arrow('Pre-Swap', 'Guest-Invalid', [66, 21.2], {
    via: [
      [86, 21.2],
      [18, 21.2],
    ],
  }),
  arrow('Pre-Guest', 'Pre-Swap', [68, 24.8], { shift: 0.7 }),
  arrow('Pre-Swap', 'Pre-Guest', [68, 27.3], { shift: 0.7 }),
  arrow('Pre-Guest', 'Guest-Valid', [50, 30.3]),
  arrow('Guest-Invalid', 'Guest-Valid', [34, 30], { shift: 0.35 }),
  arrow('Guest-Valid', 'Guest-Invalid', [27, 31.2], { shift: 0.35 }),
  arrow('Pre-Swap', 'Guest-Valid', [79, 28.9], { shift: 0.35 }),
  arrow('Guest-Valid', 'Pre-Swap', [67, 31], { shift: 0.35 }),
  arrow('Guest-Valid', 'Hypervisor', [24, 37.6], {
    via: [
      [50, 37.6],
      [1.5, 37.6],
      [1.5, 9.5],
    ],
  }),
];

const PAGE_STATES_HEIGHT = 39;

/** Is it of those that `SNP_INIT` takes? They lead from everywhere, and would cover everything. */
export const isOfInit = ({ by }: Pick<PageEdge, 'by'>): boolean => by.includes('SNP_INIT');

const same = (a: Pick<Arrow, 'from' | 'to'>, b: Pick<Arrow, 'from' | 'to'>): boolean =>
  a.from === b.from && a.to === b.to;

/** The usual edges, and with them the others that somebody asks to see. */
export function layoutWith(others: readonly Pick<PageEdge, 'from' | 'to'>[]): Layout {
  const more = others.filter(
    (edge, i) =>
      edge.from !== edge.to &&
      !USUAL.some((usual) => same(usual, edge)) &&
      others.findIndex((each) => same(each, edge)) === i,
  );
  return {
    height: PAGE_STATES_HEIGHT,
    boxes: BOXES,
    arrows: [...USUAL, ...more.map(({ from, to }): Arrow => ({ from, to, shift: 0.5 }))],
  };
}

/** Commands that are not about pages: the dispatcher gives their buffers back. */
export const ANY_COMMAND: PageMover = 'command buffer';

/** Who leads from one state to another, but for `SNP_INIT`; who is meant first stands first. */
export function moversBetween(all: readonly PageEdge[], from: string, to: string): string[] {
  const edges = all.filter((edge) => edge.from === from && edge.to === to && !isOfInit(edge));
  const names = [...new Set(edges.flatMap(({ by }) => by))];
  return names.sort((a, b) => Number(a === ANY_COMMAND) - Number(b === ANY_COMMAND));
}

/** `SNP_PAGE_RECLAIM` as it fits on an arrow. */
export const shortName = (by: string): string => by.replace(/^SNP_(PAGE_)?/, '');
