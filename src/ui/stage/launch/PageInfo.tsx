import { useState } from 'react';
import type { FrameView } from '../../../worker/protocol';
import { hexOf } from './film';
import { ScrollBox } from './ScrollBox';

const COLUMNS = 16;

interface Run {
  readonly field: number;
  readonly start: number;
  readonly end: number;
}

/** The fields’ parts in one row of bytes. */
function partsOf(fields: FrameView['fields'], row: number): readonly Run[] {
  const [begin, end] = [row * COLUMNS, (row + 1) * COLUMNS];
  return fields.flatMap(({ offset, size }, field) => {
    const [from, to] = [Math.max(begin, offset), Math.min(end, offset + size)];
    return from < to ? [{ field, start: from, end: to }] : [];
  });
}

const digits = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** PAGE_INFO: its fields over its bytes. A field that is pointed at or focused is lit in both. */
export function PageInfo({ frame }: { readonly frame: FrameView }) {
  const [lit, setLit] = useState<number | null>(null);
  const { info, fields } = frame;
  const rows = Array.from({ length: info.length / COLUMNS }, (_, row) => row);
  return (
    <div className="info">
      <ScrollBox className="info-bytes mono" label="PAGE_INFO, 112 bytes">
        {rows.map((row) => (
          <p key={row}>
            <span className="faint">{(row * COLUMNS).toString(16).padStart(2, '0')}</span>
            {partsOf(fields, row).map(({ field, start, end }) => (
              <span
                key={start}
                className="info-part"
                data-lit={field === lit}
                data-odd={field % 2 === 1}
                title={fields[field]?.name}
                onPointerEnter={() => setLit(field)}
                onPointerLeave={() => setLit(null)}
              >
                {digits(info.subarray(start, end))}
              </span>
            ))}
          </p>
        ))}
      </ScrollBox>
      <ScrollBox label="Fields of PAGE_INFO">
        <table className="launch-table info-fields">
          <caption>Fields of PAGE_INFO</caption>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">at</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ name, offset, value, means }, field) => (
              <tr
                key={offset}
                data-lit={field === lit}
                onPointerEnter={() => setLit(field)}
                onPointerLeave={() => setLit(null)}
              >
                <th scope="row">
                  {name}
                  <span className="info-means faint">{means}</span>
                </th>
                <td className="mono">{hexOf(offset)}</td>
                <td className="mono launch-value">{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </div>
  );
}
