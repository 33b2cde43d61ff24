import { Lock } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { RowGap } from '../../kit/RowGap';
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
  const { rows, before, after } = useRows(box, words.length, 1.375);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section ref={join} className="hex scrolls words" aria-label={label} tabIndex={0}>
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
                <td>{word.raw}</td>
                {cBit !== null && (
                  <td className="word-c">{word.c && <Lock size={11} aria-label="C = 1" />}</td>
                )}
                <td className="word-meaning">{word.meaning}</td>
              </tr>
            );
          })}
          <RowGap height={after} />
        </tbody>
      </table>
    </section>
  );
}
