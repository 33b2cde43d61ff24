import { hex } from '../../../engine/core/address';
import type { GuestSummary, WalkEntryView } from '../../../worker/protocol';
import { keyOwner, keySelector, keyWords } from '../shared/names';
import { hueStyle } from '../shared/OwnerName';
import { BitRow } from './BitRow';
import { tableName } from './groups';

interface Props {
  readonly entry: WalkEntryView;
  readonly cBit: number;
  readonly guests: readonly GuestSummary[];
}

/** One table entry as the walker read it: where, with which key, its bits, and what was decided. */
export function EntryCard({ entry, cBit, guests }: Props) {
  const selector = keySelector(entry.key);
  return (
    <div className="entry">
      <p className="entry-head">
        <strong>
          {tableName(entry.level)}[{entry.index}]
        </strong>
        <span className="mono">
          {entry.table === 'guest' && entry.gpa !== null && `GPA ${hex(entry.gpa)} · `}SPA{' '}
          {hex(entry.address)}
        </span>
        <span
          className="entry-key"
          style={hueStyle(selector === null ? null : keyOwner(selector, guests), guests)}
        >
          read with {selector === null ? entry.key : keyWords(selector, guests)}
        </span>
        <code className="entry-raw">{entry.raw}</code>
      </p>
      <div className="entry-body">
        <BitRow raw={entry.raw} cBit={cBit} />
        <div>
          <dl className="entry-fields">
            {entry.fields.map((field) => (
              <div key={`${field.name}${field.bits}`}>
                <dt title={`bits ${field.bits}`}>{field.name}</dt>
                <dd className="mono">{field.value}</dd>
              </div>
            ))}
          </dl>
          <p className="entry-decision">→ {entry.decision}</p>
        </div>
      </div>
    </div>
  );
}
