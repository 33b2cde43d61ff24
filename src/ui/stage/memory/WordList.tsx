import { Lock } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { RowGap } from '../../kit/RowGap';
import { type ScrollSync, useSyncedBox } from '../../kit/scrollSync';
import { useRows } from '../../kit/useRows';
import { wordRows } from './words';

interface Props {
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Position of the C-bit when the page is a table; null for other pages. */
  readonly cBit: number | null;
  /** What a word means stands below it. */
  readonly tight: boolean;
  readonly sync: ScrollSync;
}

/** A page as the structure it holds: page-table entries taken apart, or 8-byte words. */
export function WordList({ label, bytes, cBit, tight, sync }: Props) {
  const box = useRef<HTMLElement | null>(null);
  const join = useSyncedBox(sync, box);
  const words = useMemo(() => wordRows(bytes, cBit), [bytes, cBit]);
  const { rows, before, after, show } = useRows(box, words.length, tight ? 1.9375 : 1.375);
  const [first] = useState(() => words.findIndex(({ empty }) => !empty));
  useEffect(() => {
    if (first > 0) show(first);
  }, [first, show]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section ref={join} className="hex scrolls words" aria-label={label} tabIndex={0} data-tight={tight}>
      <table aria-rowcount={words.length}>
        <caption className="visually-hidden">
          {cBit === null ? '8-byte words' : `Page-table entries, C-bit at ${cBit}`}
        </caption>
        <tbody>
          <RowGap height={before} />
          {rows.map((index) => {
            const word = words[index];
            if (!word) return null;
            return (
              <tr key={index} aria-rowindex={index + 1} data-empty={word.empty}>
                <th scope="row">{cBit === null ? (8 * index).toString(16).padStart(3, '0') : index}</th>
                <td>
                  {word.raw} {word.c && <Lock className="word-c" size={11} aria-label="C = 1" />}
                  {tight && <span className="word-meaning">{word.meaning}</span>}
                </td>
                {!tight && <td className="word-meaning">{word.meaning}</td>}
              </tr>
            );
          })}
          <RowGap height={after} />
        </tbody>
      </table>
    </section>
  );
}
