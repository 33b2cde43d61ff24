import { hex, PAGE_SIZE } from '../../../engine/core/address';
import type { GuestSummary, RmpEntryView, RmpFieldView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { PageLink } from '../registers/PageLink';
import { Answered } from '../shared/Answered';
import { OwnerName } from '../shared/OwnerName';
import { maskWords, ownerOf, STATE_WORDS } from './words';

interface Props {
  readonly pfn: number;
  readonly guests: readonly GuestSummary[];
}

/** One entry: what it says in words, and its bit fields by name. */
export function EntryDetail({ pfn, guests }: Props) {
  const answer = useEngineQuery(`rmp entry ${pfn}`, async (api) => ({ view: await api.rmpEntry(pfn) }));
  return (
    <Panel title={`Entry of page ${hex(pfn * PAGE_SIZE)}`}>
      <Answered answer={answer} what="this entry">
        {({ view }) => view && <Entry view={view} guests={guests} />}
      </Answered>
    </Panel>
  );
}

function Entry({ view, guests }: { readonly view: RmpEntryView; readonly guests: readonly GuestSummary[] }) {
  const { row, fields } = view;
  const owner = ownerOf(row);
  return (
    <>
      <p role="status">
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
                <dt>VMPL0 may</dt>
                <dd className="mono">{maskWords(row.permissions[0] ?? 0)}</dd>
              </>
            )}
          </dl>
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
