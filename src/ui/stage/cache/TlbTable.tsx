import { Lock } from 'lucide-react';
import { hex } from '../../../engine/core/address';
import type { GuestSummary, TlbEntryView } from '../../../worker/protocol';
import { ActionButton } from '../shared/ActionButton';
import { keyOwner, sizeWords, written } from '../shared/names';
import { OwnerName } from '../shared/OwnerName';

const bit = (set: boolean, name: string) =>
  set ? <Lock size={12} aria-label={`${name} = 1`} /> : <span title={`${name} = 0`}>–</span>;

interface Props {
  readonly entries: readonly TlbEntryView[];
  readonly guests: readonly GuestSummary[];
}

/** The translations that the cores hold, each tagged with the ASID under which it was made. */
export function TlbTable({ entries, guests }: Props) {
  return (
    <table className="tlb">
      <caption className="visually-hidden">TLB entries of all cores</caption>
      <thead>
        <tr>
          <th scope="col">Core</th>
          <th scope="col">ASID</th>
          <th scope="col">Virtual page</th>
          <th scope="col">SPA</th>
          <th scope="col">Size</th>
          <th scope="col">C</th>
          <th scope="col">nested C</th>
          <th scope="col">W</th>
          <th scope="col">
            <span className="visually-hidden">Flush</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => {
          const owner = keyOwner(entry.asid, guests) ?? 'reserved';
          return (
            <tr key={`${entry.core}/${entry.asid}/${entry.page}`}>
              <td>{entry.core}</td>
              <td>
                <OwnerName name={owner} guests={guests}>
                  {entry.asid} {owner === 'reserved' ? '' : written(owner)}
                </OwnerName>
              </td>
              <td className="mono">{hex(entry.page)}</td>
              <td className="mono">{hex(entry.target)}</td>
              <td>{sizeWords(entry.size)}</td>
              <td>{bit(entry.c, 'C')}</td>
              <td>{bit(entry.nestedC, 'nested C')}</td>
              <td>{entry.writable ? 'W' : '–'}</td>
              <td>
                <ActionButton
                  type="cpu.tlb-flush"
                  args={{ core: entry.core, asid: entry.asid, at: entry.page }}
                  label={`INVLPG ${hex(entry.page)} on core ${entry.core}`}
                >
                  INVLPG
                </ActionButton>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
