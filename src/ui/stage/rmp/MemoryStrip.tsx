import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { hex, PAGE_SIZE } from '../../../engine/core/address';
import { PAGE_STATES } from '../../../engine/rmp/types';
import { selectPage } from '../../../store/view';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { useMapTheme } from '../memory/useMapTheme';
import { pageOfRow, rowOfPage, stripImage, stripStates } from './strip';

interface Props {
  readonly pages: number;
  readonly selected: number;
  /** The rows of the table in sight. */
  readonly seen: { readonly first: number; readonly count: number };
}

const LARGE = 512;
const STEPS: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowLeft: -1,
  ArrowDown: 1,
  ArrowRight: 1,
  PageUp: -LARGE,
  PageDown: LARGE,
};

/** All memory by its states beside the table: what is in sight, what is selected, and a way to somewhere else. */
export function MemoryStrip({ pages, selected, seen }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useMapTheme();
  const height = useHeight(box);
  const { value } = useEngineQuery('rmp strip', (api) => api.rmpPages('state'));
  useEffect(() => {
    const { current } = canvas;
    const context = current?.getContext('2d');
    if (!current || !context || height === 0 || !value) return;
    const width = Math.max(1, current.clientWidth);
    current.width = width;
    current.height = height;
    context.putImageData(stripImage(stripStates(value, pages, height), width, theme), 0, 0);
    const top = rowOfPage(seen.first, pages, height);
    const tall = Math.max(3, rowOfPage(seen.first + seen.count, pages, height) - top);
    context.strokeStyle = theme.ink;
    context.strokeRect(0.5, top + 0.5, width - 1, tall);
    context.fillStyle = theme.selection;
    context.fillRect(0, Math.max(0, rowOfPage(selected, pages, height) - 1), width, 3);
  }, [value, pages, height, theme, selected, seen.first, seen.count]);

  const choose = (page: number): void => selectPage(Math.max(0, Math.min(pages - 1, page)));
  const onPointer = (event: PointerEvent): void => {
    const { current } = box;
    if (event.buttons !== 1 || !current) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    choose(pageOfRow(event.clientY - current.getBoundingClientRect().top, pages, height));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    const to =
      step !== undefined ? selected + step : event.key === 'Home' ? 0 : event.key === 'End' ? pages : null;
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    choose(to);
  };
  return (
    <div
      ref={box}
      className="rmp-strip"
      role="slider"
      tabIndex={0}
      aria-label="Selected page in all of memory"
      aria-orientation="vertical"
      aria-valuemin={0}
      aria-valuemax={pages - 1}
      aria-valuenow={selected}
      aria-valuetext={`Page ${hex(selected * PAGE_SIZE)}, ${stateOf(value, selected)}`}
      onPointerDown={onPointer}
      onPointerMove={onPointer}
      onKeyDown={onKeyDown}
    >
      <canvas ref={canvas} />
    </div>
  );
}

/** By bisection: the pairs are in the order of pages. */
function stateOf(pairs: Uint32Array | null, pfn: number): string {
  let [low, high] = [0, (pairs?.length ?? 0) / 2];
  while (pairs && low < high) {
    const middle = (low + high) >>> 1;
    if ((pairs[2 * middle] ?? 0) < pfn) low = middle + 1;
    else high = middle;
  }
  const state = pairs?.[2 * low] === pfn ? pairs[2 * low + 1] : undefined;
  return state === undefined ? 'Hypervisor' : (PAGE_STATES[state] ?? 'Hypervisor');
}

function useHeight(box: React.RefObject<HTMLElement | null>): number {
  const [height, setHeight] = useState(0);
  useEffect(() => {
    const { current } = box;
    if (!current) return;
    const observer = new ResizeObserver(() => setHeight(Math.max(0, Math.floor(current.clientHeight))));
    observer.observe(current);
    return () => observer.disconnect();
  }, [box]);
  return height;
}
