import { type KeyboardEvent, type PointerEvent, useEffect, useId, useRef } from 'react';
import { cssVars } from './cssVars';
import { HexRow } from './HexRow';
import { type HexLayout, textColumns } from './hexLayout';
import { describeBytes } from './hexRows';
import { RowGap } from './RowGap';
import { type ScrollSync, useSyncedBox } from './scrollSync';
import { useRows } from './useRows';
import './hex.css';

export interface HexBytesProps {
  /** Whose view this is, for those who cannot see it: `What Alice sees`. */
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Address of the first byte. */
  readonly base: number;
  readonly layout: HexLayout;
  /** `text` leaves the hexadecimal digits out. */
  readonly format: 'hex' | 'text';
  /** A 1 for each byte that changed, or null. */
  readonly changed: Uint8Array | null;
  /** The byte lit in every view of the same page. */
  readonly cursor: number | null;
  readonly onCursor: (offset: number | null) => void;
  readonly sync: ScrollSync;
}

const STEPS: Readonly<Record<string, (columns: number) => number>> = {
  ArrowLeft: () => -1,
  ArrowRight: () => 1,
  ArrowUp: (columns) => -columns,
  ArrowDown: (columns) => columns,
  PageUp: (columns) => -8 * columns,
  PageDown: (columns) => 8 * columns,
  Home: () => -Infinity,
  End: () => Infinity,
};

/** Bytes as rows of hexadecimal digits and characters; only the rows in sight exist. */
export function HexBytes(props: HexBytesProps) {
  const { label, bytes, base, layout, format, changed, cursor, onCursor, sync } = props;
  const columns = format === 'text' ? textColumns(layout) : layout.columns;
  const tight = format === 'hex' && layout.tight;
  const box = useRef<HTMLElement | null>(null);
  const join = useSyncedBox(sync, box);
  const id = useId();
  const count = Math.ceil(bytes.length / columns);
  const { rows, before, after, show } = useRows(box, count, tight ? 1.9375 : 1.375);
  const cursorRow = cursor === null ? null : Math.floor(cursor / columns);

  useEffect(() => {
    if (cursorRow !== null && box.current?.contains(document.activeElement)) show(cursorRow);
  }, [cursorRow, show]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key]?.(columns);
    if (step === undefined) {
      if (event.key === 'Escape') onCursor(null);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    onCursor(Math.max(0, Math.min(bytes.length - 1, (cursor ?? 0) + step)));
  };

  const onPointerMove = (event: PointerEvent): void => {
    const offset = byteUnder(event, columns);
    if (offset !== null && offset < bytes.length) onCursor(offset);
  };

  return (
    <div ref={join} className="hex scrolls" data-tight={tight} style={cssVars({ '--columns': columns })}>
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: one cursor moves over its rows by keyboard
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-describedby={`${id}-about`}
        aria-rowcount={count}
        aria-activedescendant={cursorRow === null ? undefined : `${id}-${cursorRow}`}
        onKeyDown={onKeyDown}
        onPointerMove={onPointerMove}
        onPointerLeave={() => onCursor(null)}
      >
        <tbody>
          <RowGap height={before} />
          {rows.map((index) => (
            <HexRow
              key={index}
              id={`${id}-${index}`}
              column={cursorRow === index && cursor !== null ? cursor % columns : null}
              {...{ bytes, index, columns, format, tight, changed }}
            />
          ))}
          <RowGap height={after} />
        </tbody>
      </table>
      <p id={`${id}-about`} className="visually-hidden">
        {describeBytes(bytes, base, changed)} Arrow keys move from byte to byte.
      </p>
    </div>
  );
}

/** Offset of the byte under the pointer: rows and columns are all alike, so geometry says it without a node a byte. */
function byteUnder(event: PointerEvent, columns: number): number | null {
  const cells = (event.target as Element).closest('[data-cells]');
  const row = cells?.closest<HTMLElement>('[data-index]');
  if (!cells || !row) return null;
  const { left, width } = cells.getBoundingClientRect();
  const column = Math.floor(((event.clientX - left) / width) * columns);
  return Number(row.dataset.index) * columns + Math.max(0, Math.min(columns - 1, column));
}
