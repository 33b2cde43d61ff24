import { hex, lineBase } from '../../../engine/core/address';
import type { CacheLineView, ChipView, GuestSummary } from '../../../worker/protocol';
import { byteHex } from '../../kit/hexRows';
import { keyOwner, keyWords } from '../shared/names';
import { hueStyle } from '../shared/OwnerName';

interface Props {
  readonly chip: ChipView;
  readonly guests: readonly GuestSummary[];
  /** Complex of the access, and its address as far as it is known. */
  readonly complex: number;
  readonly address: number | null;
  readonly lit: boolean;
}

const SHOWN = 4;

/** Lines worth a look: those of the address in question first, then the newest. */
function chosen(lines: readonly CacheLineView[], line: number | null): CacheLineView[] {
  return lines
    .toSorted((a, b) => Number(b.address === line) - Number(a.address === line) || b.born - a.born)
    .slice(0, SHOWN);
}

/** The cache of the access's core complex: plaintext, tagged with address and key. */
export function CacheBox({ chip, guests, complex, address, lit }: Props) {
  const line = address === null ? null : lineBase(address);
  const mine = chip.caches.filter((entry) => entry.complex === complex);
  const others = [...new Set(chip.cores.map((core) => core.complex))].filter((id) => id !== complex);
  return (
    <section className="box" data-place="cache" data-lit={lit} aria-label={`Cache of complex ${complex}`}>
      <h3>
        Cache {complex} <span>plaintext, tagged</span>
      </h3>
      {mine.length === 0 && <p className="box-part faint">empty</p>}
      <ul className="cache-head">
        {chosen(mine, line).map((entry) => (
          <li
            key={`${entry.address}/${entry.key}`}
            className="cache-line hued"
            data-now={entry.address === line}
            style={hueStyle(keyOwner(entry.key, guests), guests)}
          >
            <p>
              {keyWords(entry.key, guests)} · <span className="mono">{hex(entry.address)}</span>
              {entry.dirty && <strong> · dirty</strong>}
            </p>
            <p className="mono cache-bytes">{Array.from(entry.data.subarray(0, 12), byteHex).join(' ')} …</p>
          </li>
        ))}
      </ul>
      {mine.length > SHOWN && <p className="faint">and {mine.length - SHOWN} more lines</p>}
      {others.map((id) => (
        <p key={id} className="faint">
          Cache {id}: lines held: {chip.caches.filter((entry) => entry.complex === id).length}
        </p>
      ))}
      <p className="box-note">
        {chip.coherent
          ? 'One address under two keys: hardware writes the other view back first.'
          : 'One address under two keys is two lines that know nothing of each other.'}
      </p>
    </section>
  );
}
