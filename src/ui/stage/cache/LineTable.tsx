import { Copy, Droplet } from 'lucide-react';
import { useRef } from 'react';
import { hex } from '../../../engine/core/address';
import type { GuestSummary } from '../../../worker/protocol';
import { byteChar, byteHex } from '../../kit/hexRows';
import { RowsTable } from '../../kit/RowsTable';
import { useRows } from '../../kit/useRows';
import { keyOwner, keyWords } from '../shared/names';
import { hueStyle, OwnerName } from '../shared/OwnerName';
import type { MarkedLine } from './lines';

interface Props {
  readonly lines: readonly MarkedLine[];
  readonly guests: readonly GuestSummary[];
  readonly selected: string | null;
  readonly onSelect: (id: string) => void;
}

const COLUMNS = ['Cache', 'Address', 'Tagged with', 'State', 'First bytes'] as const;
const SHOWN = 16;

/** The cached lines, however many; the chosen one is shown in full beside it. */
export function LineTable({ lines, guests, selected, onSelect }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const range = useRows(box, lines.length, 1.75);
  return (
    <RowsTable
      box={box}
      range={range}
      caption="Cached lines, by address"
      columns={COLUMNS}
      count={lines.length}
      className="lines"
      row={(index) => {
        const marked = lines[index];
        return (
          marked && (
            <LineRow
              key={marked.id}
              marked={marked}
              index={index}
              guests={guests}
              selected={marked.id === selected}
              onSelect={onSelect}
            />
          )
        );
      }}
    />
  );
}

interface RowProps extends Omit<Props, 'lines' | 'selected'> {
  readonly marked: MarkedLine;
  readonly index: number;
  readonly selected: boolean;
}

function LineRow({ marked, index, guests, selected, onSelect }: RowProps) {
  const { line, id, otherViews } = marked;
  const owner = keyOwner(line.key, guests);
  const bytes = line.data.subarray(0, SHOWN);
  return (
    <tr
      aria-rowindex={index + 2}
      className="rows-item"
      data-selected={selected}
      style={hueStyle(owner, guests)}
    >
      <td>{line.complex}</td>
      <td>
        <button type="button" className="rows-pick mono" aria-pressed={selected} onClick={() => onSelect(id)}>
          {hex(line.address)}
        </button>
      </td>
      <td>
        {owner ? (
          <OwnerName name={owner} guests={guests}>
            {keyWords(line.key, guests)}
          </OwnerName>
        ) : (
          keyWords(line.key, guests)
        )}
      </td>
      <td className="line-state">
        {line.dirty ? (
          <>
            <Droplet size={12} aria-hidden="true" /> dirty
          </>
        ) : (
          'clean'
        )}
        {otherViews.length > 0 && (
          <span className="line-double" title="The same address is cached under another key as well">
            {' '}
            <Copy size={12} aria-hidden="true" /> two views
          </span>
        )}
      </td>
      <td className="mono line-bytes">
        {Array.from(bytes, byteHex).join(' ')}{' '}
        <span className="faint">{Array.from(bytes, byteChar).join('')}</span>
      </td>
    </tr>
  );
}
