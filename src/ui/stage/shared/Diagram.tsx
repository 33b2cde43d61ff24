import { type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';
import { useTheme } from '../../theme/useTheme';
import type { Arrow, Layout, Spot } from './diagramLayout';
import { boxOf, edgePath } from './diagramPaths';
import './diagram.css';

interface Props {
  readonly label: string;
  /** The layout for a wide place, and one for a narrow one. */
  readonly wide: Layout;
  readonly narrow?: Layout;
  /** From how many rem on the wide one is taken. */
  readonly breakAt?: number;
  readonly box: (id: string) => ReactNode;
  readonly onArrow?: (arrow: Arrow) => ReactNode;
  /** Marks an arrow: `on` is drawn strongly. */
  readonly tone?: (arrow: Arrow) => 'on' | 'off' | 'usual';
}

/** Boxes with arrows between them. The boxes and what is written on arrows are ordinary elements; only the lines are drawn. */
export function Diagram({ label, wide, narrow = wide, breakAt = 35, box, onArrow, tone }: Props) {
  const element = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  const head = useId();
  useTheme();
  useLayoutEffect(() => {
    const { current } = element;
    if (!current) return;
    setWidth(current.clientWidth);
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const layout = width >= breakAt * rem ? wide : narrow;
  const scale = { x: width / 100, rem };
  const placed = ([x, y]: Spot) => ({ left: `${x}%`, top: `${y}rem` });
  return (
    <figure ref={element} className="diagram" aria-label={label} style={{ height: `${layout.height}rem` }}>
      <svg className="diagram-lines" aria-hidden="true">
        <defs>
          <marker
            id={head}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto"
          >
            <path d="M0 .5 8 4 0 7.5z" />
          </marker>
        </defs>
        {width > 0 &&
          layout.arrows.map((arrow) => {
            const [from, to] = [layout.boxes[arrow.from], layout.boxes[arrow.to]];
            return (
              from &&
              to && (
                <path
                  key={`${arrow.from}-${arrow.to}-${arrow.via?.length ?? 0}-${arrow.shift ?? 0}`}
                  data-tone={tone?.(arrow) ?? 'usual'}
                  d={edgePath(boxOf(from, scale), boxOf(to, scale), arrow, scale)}
                  markerEnd={`url(#${head})`}
                />
              )
            );
          })}
      </svg>
      <ul>
        {Object.entries(layout.boxes).map(([id, { at, width: w, height }]) => (
          <li
            key={id}
            className="diagram-box"
            style={{ ...placed(at), width: `${w}rem`, minHeight: `${height}rem` }}
          >
            {box(id)}
          </li>
        ))}
      </ul>
      {onArrow &&
        layout.arrows.map((arrow) => {
          if (!arrow.label) return null;
          const content = onArrow(arrow);
          return (
            content && (
              <div
                key={`${arrow.from}-${arrow.to}-${arrow.label[0]}-${arrow.label[1]}`}
                className="diagram-label"
                style={placed(arrow.label)}
              >
                {content}
              </div>
            )
          );
        })}
    </figure>
  );
}
