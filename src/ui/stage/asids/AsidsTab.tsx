import type { AsidView, GuestSummary } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Answered } from '../shared/Answered';
import { hexPadded } from '../shared/entry';
import { written } from '../shared/names';
import { OwnerName } from '../shared/OwnerName';
import { AddressRuler } from './AddressRuler';
import { Allocators } from './Allocators';
import { AsidBooks } from './AsidBooks';
import { AsidRegisters } from './AsidRegisters';
import { AsidSpace, KIND_WORDS } from './AsidSpace';
import { asidSegments, segmentSize } from './space';
import './asids.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** The numbers that choose keys: how many there are, who may have which, who has which; and what CPUID says. */
export default function AsidsTab() {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const generation = useStatus((status) => status.config.generation) ?? '';
  const answer = useEngineQuery('asids', (api) => api.asids());
  return (
    <Answered answer={answer} what="what CPUID says">
      {(asids) => (
        <div className="asids">
          <Panel title="The ASID space" aside={<AsidRegisters asids={asids} />}>
            <AsidSpace asids={asids} guests={guests} />
            <SegmentTable asids={asids} guests={guests} />
          </Panel>
          <Panel title="What the firmware notes" aside="dirty until WBINVD and DF_FLUSH">
            <AsidBooks books={asids.books} />
          </Panel>
          <Panel title="Two allocators, the same events">
            <Allocators allocators={asids.allocators} />
          </Panel>
          <Panel
            title="The physical address"
            aside={`${asids.physicalBits - asids.reduction} of ${asids.physicalBits} bits are left`}
          >
            <AddressRuler asids={asids} />
            <p className="faint">
              EBX[5:0] puts the C-bit at {asids.cBit}; EBX[11:6] takes {asids.reduction} bits of the system
              physical address. A guest’s own physical addresses keep their width.
            </p>
          </Panel>
          <Panel
            title={`What this CPU announces (${generation})`}
            aside={<code>EAX {hexPadded(asids.eax, 8)}</code>}
          >
            <ul className="features">
              {asids.features.map(({ bit, name }) => (
                <li key={bit}>
                  <span className="mono faint">{bit}</span> {name}
                </li>
              ))}
            </ul>
          </Panel>
        </div>
      )}
    </Answered>
  );
}

function SegmentTable({
  asids,
  guests,
}: {
  readonly asids: AsidView;
  readonly guests: readonly GuestSummary[];
}) {
  const { ecx, edx, holders } = asids;
  return (
    <table className="segments">
      <caption className="visually-hidden">The parts of the ASID space</caption>
      <thead>
        <tr>
          <th scope="col">ASIDs</th>
          <th scope="col">how many</th>
          <th scope="col">for whom</th>
          <th scope="col">held by</th>
        </tr>
      </thead>
      <tbody>
        {asidSegments(ecx, edx).map((segment) => (
          <tr key={segment.kind} data-kind={segment.kind}>
            <td className="mono">
              <span className="segment-mark" aria-hidden="true" />
              {segment.first === segment.last
                ? segment.first
                : `${segment.first} … ${segment.last.toLocaleString('en')}`}
            </td>
            <td>{segmentSize(segment).toLocaleString('en')}</td>
            <td>{KIND_WORDS[segment.kind]}</td>
            <td>
              <div className="segment-holders">
                {segment.kind === 'host' ? (
                  <OwnerName name="xen" guests={guests} />
                ) : (
                  holders
                    .filter(({ asid }) => asid >= segment.first && asid <= segment.last)
                    .map(({ asid, guest }) => (
                      <OwnerName key={asid} name={guest} guests={guests}>
                        {asid} {written(guest)}
                      </OwnerName>
                    ))
                )}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
