import { memo } from 'react';
import { cssVars } from './cssVars';
import { type ByteRun, byteChar, byteHex, runsOf } from './hexRows';

interface Props {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly index: number;
  readonly columns: number;
  readonly format: 'hex' | 'text';
  /** The characters stand below their digits. */
  readonly tight: boolean;
  readonly changed: Uint8Array | null;
  /** The lit byte of this row, or null. */
  readonly column: number | null;
}

/** One row of bytes: where in the page, the digits, the characters. Neighbours that look alike share one element. */
export const HexRow = memo(function HexRow(props: Props) {
  const { id, bytes, index, columns, format, tight, changed, column } = props;
  const start = index * columns;
  const runs = runsOf(bytes, start, Math.min(start + columns, bytes.length), changed);
  const cursor =
    column === null ? null : <i className="hex-cursor" style={cssVars({ '--column': column })} />;
  const draw = (of: (byte: number) => string, gap: string) => (run: ByteRun) => (
    <span key={run.start} data-tone={run.tone}>
      {Array.from(bytes.subarray(run.start, run.end), of).join(gap)}
    </span>
  );
  const digits = format === 'hex' && (
    <span className="hex-digits" data-cells="">
      {runs.map(draw(byteHex, ' '))}
      {cursor}
    </span>
  );
  const text = (
    <span className="hex-text" data-cells="">
      {runs.map(draw(byteChar, tight ? '  ' : ''))}
      {cursor}
    </span>
  );
  return (
    <tr id={id} aria-rowindex={index + 1} data-index={index}>
      <th scope="row">{start.toString(16).padStart(3, '0')}</th>
      {tight ? (
        <td>
          {digits}
          {text}
        </td>
      ) : (
        <>
          {digits && <td>{digits}</td>}
          <td>{text}</td>
        </>
      )}
    </tr>
  );
});
