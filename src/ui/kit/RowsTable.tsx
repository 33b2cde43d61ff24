import type { ReactNode, RefObject } from 'react';
import { RowGap } from './RowGap';
import type { Rows } from './useRows';

interface Props {
  /** The box that scrolls; `range` is what `useRows` says of it. */
  readonly box: RefObject<HTMLDivElement | null>;
  readonly range: Rows;
  readonly caption: string;
  readonly columns: readonly string[];
  /** How many rows there are, drawn or not. */
  readonly count: number;
  readonly className: string;
  readonly row: (index: number) => ReactNode;
}

/** A long table of which only the rows in sight are drawn, under headings that stay. */
export function RowsTable({ box, range, caption, columns, count, className, row }: Props) {
  return (
    <div ref={box} className={`rows scrolls ${className}`}>
      <table aria-rowcount={count + 1}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((title) => (
              <th key={title} scope="col" className="rows-head">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <RowGap height={range.before} />
          {range.rows.map(row)}
          <RowGap height={range.after} />
        </tbody>
      </table>
    </div>
  );
}
