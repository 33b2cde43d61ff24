import { Check } from 'lucide-react';
import type { GhcbView } from '../../../worker/protocol';
import { byteChar, byteHex } from '../../kit/hexRows';
import { hexPadded } from '../shared/entry';
import { type GhcbRow, ghcbRows } from './ghcbRows';
import { Digits } from './Value';
import { digitGroups } from './words';

interface Props {
  readonly view: GhcbView;
  readonly lit: number | null;
  readonly onLight: (offset: number | null) => void;
}

/** The page from its first byte on: each quadword with a field, or with something in it. */
export function GhcbTable({ view, lit, onLight }: Props) {
  const rows = ghcbRows(view);
  return (
    <section
      className="reg-scroll"
      aria-label="Fields over the bytes of the page"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <table className="ghcb-table">
        <caption className="visually-hidden">The GHCB’s fields over the bytes of its page</caption>
        <thead>
          <tr>
            <th scope="col">Offset</th>
            <th scope="col">Bytes</th>
            <th scope="col">Field</th>
            <th scope="col">Valid</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody onPointerLeave={() => onLight(null)}>
          {rows.map((row) => (
            <Row
              key={row.offset}
              row={row}
              lit={lit !== null && row.offset - (row.offset % 8) === lit - (lit % 8)}
              onLight={() => onLight(row.offset)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  readonly row: GhcbRow;
  readonly lit: boolean;
  readonly onLight: () => void;
}

function Row({ row, lit, onLight }: RowProps) {
  const { offset, bytes, field } = row;
  const first = field?.offset === offset;
  const text = field === null || field.size > 16 ? Array.from(bytes, byteChar).join('') : null;
  return (
    <tr data-lit={lit} data-valid={field?.valid ?? 'none'} onPointerEnter={onLight} title={field?.help}>
      <td className="mono faint">{hexPadded(offset, 3)}</td>
      <td className="mono ghcb-bytes">{Array.from(bytes, byteHex).join(' ')}</td>
      <th scope="row">
        {field ? field.label : <span className="faint">no field</span>}
        {field && !first && field.size <= 16 && <span className="faint"> goes on</span>}
      </th>
      <td>
        {field?.valid && (
          <span className="ghcb-valid">
            <Check size={13} aria-hidden="true" /> valid
          </span>
        )}
        {field?.valid === false && <span className="faint">no</span>}
      </td>
      <td className="mono">
        {field?.changed && first && (
          <>
            <span className="reg-changed" aria-hidden="true">
              ◆
            </span>
            <span className="visually-hidden">changed, </span>
          </>
        )}
        {text ??
          (first && field.value !== null && field.size <= 8 && <Digits groups={digitGroups(field.value)} />)}
      </td>
    </tr>
  );
}
