import { Copy, Droplet } from 'lucide-react';
import { useRef } from 'react';
import { hex } from '../../../engine/core/address';
import type { GuestSummary } from '../../../worker/protocol';
import { byteChar, byteHex } from '../../kit/hexRows';
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

const SHOWN = 16;

/** The cached lines, however many; the chosen one is shown in full beside it. */
export function LineTable({ lines, guests, selected, onSelect }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { rows, height } = useRows(box, lines.length, 1.75);
  return (
    <div ref={box} className="lines scrolls" role="table" aria-label="Cached lines" aria-rowcount={lines.length + 1}>
      <div role="row" className="line-row line-head" aria-rowindex={1}>
        {['Cache', 'Address', 'Tagged with', 'State', 'First bytes'].map((title) => (
          <span key={title} role="columnheader">
            {title}
          </span>
        ))}
      </div>
      <div role="rowgroup" className="line-rows" style={{ height }}>
        {rows.map(({ index, top }) => {
          const marked = lines[index];
          if (!marked) return null;
          const { line, id, otherViews } = marked;
          const owner = keyOwner(line.key, guests);
          return (
            <div
              key={id}
              role="row"
              aria-rowindex={index + 2}
              className="line-row"
              data-selected={id === selected}
              style={{ transform: `translateY(${top}px)`, ...hueStyle(owner, guests) }}
            >
              <span role="cell">{line.complex}</span>
              <span role="cell">
                <button type="button" className="line-pick mono" aria-pressed={id === selected} onClick={() => onSelect(id)}>
                  {hex(line.address)}
                </button>
              </span>
              <span role="cell">
                {owner ? <OwnerName name={owner} guests={guests}>{keyWords(line.key, guests)}</OwnerName> : keyWords(line.key, guests)}
              </span>
              <span role="cell" className="line-state">
                {line.dirty ? (
                  <>
                    <Droplet size={12} aria-hidden="true" /> dirty
                  </>
                ) : (
                  'clean'
                )}
                {otherViews.length > 0 && (
                  <span className="line-double" title="The same address is cached under another key as well">
                    <Copy size={12} aria-hidden="true" /> two views
                  </span>
                )}
              </span>
              <span role="cell" className="mono line-bytes">
                {Array.from(line.data.subarray(0, SHOWN), byteHex).join(' ')}
                <span className="faint">{Array.from(line.data.subarray(0, SHOWN), byteChar).join('')}</span>
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
