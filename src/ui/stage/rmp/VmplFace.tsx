import { Check, Minus } from 'lucide-react';
import { hex, PAGE_SIZE } from '../../../engine/core/address';
import type { GuestSummary, RmpMomentView, RmpRowView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useStatus } from '../../kit/stores';
import { Term } from '../../kit/Term';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Empty } from '../../kit/Waiting';
import { Answered } from '../shared/Answered';
import { OwnerName } from '../shared/OwnerName';
import { Jump } from './Jump';
import { ownerOf, PERMISSION_LETTERS } from './words';
import './vmpl.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** What each VMPL may do with the selected page, and who decided so. */
export function VmplFace({ pfn }: { readonly pfn: number }) {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const answer = useEngineQuery(`rmp vmpl ${pfn}`, async (api) => {
    const [entry, set] = await Promise.all([api.rmpEntry(pfn), api.rmpPermissionsSet(pfn)]);
    return { row: entry?.row ?? null, set };
  });
  return (
    <Panel title={`Page ${hex(pfn * PAGE_SIZE)}`}>
      <Answered answer={answer} what="what VMPLs may do">
        {({ row, set }) =>
          row && row.asid !== 0 ? <Grid {...{ row, set, guests }} /> : <NobodyAsks row={row} />
        }
      </Answered>
    </Panel>
  );
}

const NobodyAsks = ({ row }: { readonly row: RmpRowView | null }) => (
  <Empty title="No guest’s page: nobody asks for its VMPLs">
    <p>
      {row && row.head !== null
        ? `It is part of a large page, for which the entry of ${hex(row.head * PAGE_SIZE)} speaks.`
        : 'Masks of VMPLs count only where a guest with SEV-SNP reaches a page of its own. Select a page that a guest owns.'}
    </p>
  </Empty>
);

interface GridProps {
  readonly row: RmpRowView;
  readonly set: RmpMomentView | null;
  readonly guests: readonly GuestSummary[];
}

function Grid({ row, set, guests }: GridProps) {
  const owner = ownerOf(row);
  return (
    <>
      <p role="status">
        {owner && <OwnerName name={owner} guests={guests} />} at GPA <code>{hex(row.gpa)}</code>:{' '}
        {openTo(row.permissions)}.{' '}
        {row.vmsa ? 'VMRUN may take a vCPU’s registers from it (VMSA).' : 'It is no VMSA.'}
        {!row.validated && ' Until the guest accepts the page, validation refuses everybody first.'}
      </p>
      <div className="scrolls">
        <table className="vmpl-grid">
          <caption>
            What each <Term word="VMPL" /> may do, from the entry in the <Term word="RMP" />
          </caption>
          <thead>
            <tr>
              <th scope="col">VMPL</th>
              {PERMISSION_LETTERS.map(({ letters, title, help }) => (
                <th key={letters} scope="col" title={help}>
                  {title}
                </th>
              ))}
              <th scope="col">mask</th>
              <th scope="col">VMSA</th>
            </tr>
          </thead>
          <tbody>
            {row.permissions.map((mask, vmpl) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a VMPL is its place
              <tr key={vmpl}>
                <th scope="row">VMPL{vmpl}</th>
                {PERMISSION_LETTERS.map(({ letters }, bit) => (
                  <Cell key={letters} may={((mask >> bit) & 1) === 1} />
                ))}
                <td className="mono">0x{mask.toString(16).padStart(2, '0')}</td>
                {vmpl === 0 && (
                  <td rowSpan={row.permissions.length} data-may={row.vmsa}>
                    <Mark may={row.vmsa} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {set ? (
        <p>
          Set last by <OwnerName name={set.actor} guests={guests} /> with{' '}
          <span className="mono">{set.by}</span> in “{set.action}”: <Jump moment={set} />
        </p>
      ) : (
        <p className="faint">The record does not reach back to where this was set.</p>
      )}
      <p className="faint">
        RMPUPDATE and the firmware’s launch leave everything to VMPL0. A guest grants the other VMPLs their
        rights with RMPADJUST: never more than it has itself, and never to its own level.
      </p>
    </>
  );
}

const Cell = ({ may }: { readonly may: boolean }) => (
  <td data-may={may}>
    <Mark may={may} />
  </td>
);

const Mark = ({ may }: { readonly may: boolean }) => (
  <>
    {may ? <Check size={14} aria-hidden="true" /> : <Minus size={14} aria-hidden="true" />}
    <span className="visually-hidden">{may ? 'yes' : 'no'}</span>
  </>
);

function openTo(masks: readonly number[]): string {
  const lowest = masks.findLastIndex((mask) => mask !== 0);
  if (lowest < 1) return 'only VMPL0 reaches it';
  return lowest === masks.length - 1 ? 'every VMPL reaches it' : `VMPL0 to VMPL${lowest} reach it`;
}
