import './rows.css';

/** Keeps the place of rows that are not drawn, so that the scroll bar tells the truth. */
export function RowGap({ height }: { readonly height: number }) {
  return height > 0 ? <tr style={{ height }} /> : null;
}
