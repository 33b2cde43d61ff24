import { hex, PAGE_SIZE } from '../../../engine/core/address';
import type { GuestSummary, RmpEntryView, RmpFieldView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { PageLink } from '../registers/PageLink';
import { Answered } from '../shared/Answered';
import { OwnerName } from '../shared/OwnerName';
import { Permissions } from './Permissions';
import './rmp.css';
import { ownerOf, STATE_WORDS } from './words';

interface Props {
  readonly pfn: number;
  readonly guests: readonly GuestSummary[];
  /** In the inspector: without a box, and not read aloud when it changes. */
  readonly quiet?: boolean;
}

/** One entry: what it says in words, and its bit fields by name. */
export function EntryDetail({ pfn, guests, quiet = false }: Props) {
  const answer = useEngineQuery(`rmp entry ${pfn}`, async (api) => ({ view: await api.rmpEntry(pfn) }));
  return (
    <Panel
      kind={quiet ? 'section' : 'card'}
      title={quiet ? 'In the RMP' : `Entry of page ${hex(pfn * PAGE_SIZE)}`}
    >
      <Answered answer={answer} what="this entry">
        {({ view }) => view && <Entry view={view} guests={guests} quiet={quiet} />}
      </Answered>
    </Panel>
  );
}

interface EntryProps extends Required<Omit<Props, 'pfn'>> {
  readonly view: RmpEntryView;
}

function Entry({ view, guests, quiet }: EntryProps) {
  const { row, fields } = view;
  const owner = ownerOf(row);
  return (
    <>
      <p role={quiet ? undefined : 'status'}>
        <strong>{row.state}.</strong> {STATE_WORDS[row.state]}
        {row.head !== null &&
          ` That is how the entry reads by itself; the page is part of a large one, for which the entry of ${hex(row.head * PAGE_SIZE)} speaks.`}
      </p>
      {row.at !== null && (
        <>
          <dl className="facts">
            {owner && (
              <>
                <dt>Owner</dt>
                <dd>
                  <OwnerName name={owner} guests={guests} />
                  {row.asid !== 0 && ` ASID ${row.asid}`}
                </dd>
              </>
            )}
            <dt>Entry at</dt>
            <dd>
              <PageLink spa={row.at} name="Entry at SPA" />
            </dd>
            {row.asid !== 0 && (
              <>
                <dt>Expected at</dt>
                <dd className="mono">GPA {hex(row.gpa)}</dd>
              </>
            )}
          </dl>
          {row.asid !== 0 && <Permissions masks={row.permissions} />}
          <ol className="rmp-fields" aria-label="Bit fields of the entry, lowest first">
            {fields.map((field) => (
              <Field key={field.name} field={field} />
            ))}
          </ol>
        </>
      )}
    </>
  );
}

function Field({ field: { name, lsb, width, value, help } }: { readonly field: RmpFieldView }) {
  const bits = width === 1 ? `bit ${lsb}` : `bits ${lsb + width - 1}:${lsb}`;
  return (
    <li data-zero={/^0+$/.test(value)}>
      <span className="mono faint">{bits}</span>
      <span className="mono rmp-field-name">{name}</span>
      <span className="mono">{width === 1 ? value : `0x${value}`}</span>
      <span className="rmp-field-help">{help}</span>
    </li>
  );
}
