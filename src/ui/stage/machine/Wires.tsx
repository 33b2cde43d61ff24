import { type RefObject, useLayoutEffect, useState } from 'react';
import type { Place } from './route';

export interface Wire {
  readonly from: Place | 'slots' | 'asp';
  readonly to: Place | 'slots' | 'asp';
  /** `now`: the access is on it. `passed`: it was. `idle`: it exists. `keys`: no data, only keys. */
  readonly state: 'now' | 'passed' | 'idle' | 'keys' | 'refused';
}

/** A calm curve between two boxes, out of the side that faces the other. */
function curve(a: DOMRect, b: DOMRect, origin: DOMRect): string {
  const across = b.left > a.right - 8 || a.left > b.right - 8;
  const forward = across ? b.left > a.left : b.top > a.top;
  const x1 = across ? (forward ? a.right : a.left) : a.left + a.width / 2;
  const x2 = across ? (forward ? b.left : b.right) : b.left + b.width / 2;
  const y1 = across ? a.top + a.height / 2 : forward ? a.bottom : a.top;
  const y2 = across ? b.top + b.height / 2 : forward ? b.top : b.bottom;
  const [dx, dy] = across ? [(x2 - x1) / 2, 0] : [0, (y2 - y1) / 2];
  const point = (x: number, y: number): string =>
    `${(x - origin.left).toFixed(1)} ${(y - origin.top).toFixed(1)}`;
  return `M ${point(x1, y1)} C ${point(x1 + dx, y1 + dy)} ${point(x2 - dx, y2 - dy)} ${point(x2, y2)}`;
}

interface Props {
  /** The box that holds all others; those with `data-place` are joined. */
  readonly board: RefObject<HTMLElement | null>;
  readonly wires: readonly Wire[];
  /** Shown on the wire that the access is on. */
  readonly number: number;
}

/** The wires between the boxes, drawn to where the boxes are; the access runs along the lit one. */
export function Wires({ board, wires, number }: Props) {
  const [drawn, setDrawn] = useState<readonly (string | null)[]>([]);
  useLayoutEffect(() => {
    const element = board.current;
    if (!element) return;
    const draw = (): void => {
      const origin = element.getBoundingClientRect();
      const boxOf = (place: string): DOMRect | null =>
        element.querySelector(`[data-place="${place}"]`)?.getBoundingClientRect() ?? null;
      setDrawn(
        wires.map(({ from, to }) => {
          const a = boxOf(from);
          const b = boxOf(to);
          return a && b ? curve(a, b, origin) : null;
        }),
      );
    };
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    for (const box of element.querySelectorAll('[data-place]')) observer.observe(box);
    draw();
    return () => observer.disconnect();
  }, [board, wires]);

  const layer = (front: boolean) =>
    wires.map((wire, index) => {
      const line = drawn[index];
      const lit = wire.state === 'now' || wire.state === 'refused';
      if (!line || lit !== front) return null;
      return (
        <g key={`${wire.from}-${wire.to}-${wire.state}`} data-wire={wire.state}>
          <path d={line} markerEnd="url(#wire-head)" />
          {lit && (
            <g key={number} className="wire-token" style={{ offsetPath: `path("${line}")` }}>
              <circle r="10" />
              <text>{number}</text>
            </g>
          )}
        </g>
      );
    });
  return (
    <>
      <svg className="wires" aria-hidden="true">
        <defs>
          <marker
            id="wire-head"
            viewBox="0 0 8 8"
            refX="6"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 .5 7.5 4 0 7.5z" />
          </marker>
        </defs>
        {layer(false)}
      </svg>
      <svg className="wires wires-front" aria-hidden="true">
        {layer(true)}
      </svg>
    </>
  );
}
