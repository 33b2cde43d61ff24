import { Lock } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { type ScrollSync, useSyncedBox } from '../../kit/scrollSync';
import { useRows } from '../../kit/useRows';
import { wordRows } from './words';

interface Props {
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Position of the C-bit when the page is a table; null for other pages. */
  readonly cBit: number | null;
  readonly sync: ScrollSync;
}

/** A page as the structure it holds: page-table entries taken apart, or 8-byte words. */
export function WordList({ label, bytes, cBit, sync }: Props) {
  const box = useRef<HTMLElement | null>(null);
  const join = useSyncedBox(sync, box);
  const words = useMemo(() => wordRows(bytes, cBit), [bytes, cBit]);
  const { rows, height } = useRows(box, words.length, 1.375);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <div ref={join} className="hex scrolls words" role="table" aria-label={label} aria-rowcount={words.length} tabIndex={0}>
      <div role="rowgroup" className="hex-rows" style={{ height }}>
        {rows.map(({ index, top }) => {
          const word = words[index];
          if (!word) return null;
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 1}
              className="hex-row"
              data-empty={word.empty}
              style={{ transform: `translateY(${top}px)` }}
            >
              <span role="rowheader" className="hex-address">
                {cBit === null ? (8 * index).toString(16).padStart(3, '0') : index}
              </span>
              <span role="cell">{word.raw}</span>
              {cBit !== null && (
                <span role="cell" className="word-c">
                  {word.c ? <Lock size={11} aria-label="C = 1" /> : ''}
                </span>
              )}
              <span role="cell" className="word-meaning">
                {word.meaning}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
