import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { useStore } from 'zustand';
import { overlayStore } from '../../store/overlay';
import { Dialog } from '../kit/Dialog';
import { RuleNote } from '../kit/RuleNote';
import { Segmented } from '../kit/Segmented';
import { REFERENCES } from './documents';
import { type Row, rowsOf, type Standing } from './list';
import { RuleItem } from './RuleItem';
import rules from './rules.json';
import type { RuleEntry } from './types';
import './sources.css';

const ALL = rules as readonly RuleEntry[];

const STANDINGS = [
  { value: 'all', title: 'All' },
  { value: 'published', title: 'Published' },
  { value: 'modelled', title: 'Modelled' },
] as const;

/** Every rule that the engine enforces, with its source: searchable, and grouped by the document that it cites. */
export default function SourcesDialog({ onClose }: { readonly onClose: () => void }) {
  const asked = useStore(overlayStore, (state) => state.rule);
  const [query, setQuery] = useState(asked?.id ?? '');
  const [standing, setStanding] = useState<Standing>('all');
  const rows = rowsOf(ALL, query, standing);
  const count = rows.filter(({ kind }) => kind === 'rule').length;
  const unlisted = asked && query === asked.id && count === 0 ? asked : null;
  return (
    <Dialog title="Sources" wide onClose={onClose}>
      <div className="dialog-part sources-search">
        <input
          className="input"
          type="search"
          aria-label="Search the rules"
          placeholder="Search by words, file, command or status"
          spellCheck={false}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
        />
        <Segmented label="Standing" value={standing} options={STANDINGS} onChange={setStanding} />
        <p className="faint" role="status">
          {count === 1 ? '1 rule' : `${count} rules`}
          {query && ` of ${ALL.length}`}
        </p>
      </div>
      {unlisted && (
        <div className="dialog-part">
          <RuleNote rule={unlisted} linked={false} />
          <p className="faint">
            This rule is made while the machine runs, so it has no entry of its own below.
          </p>
        </div>
      )}
      <Rules key={`${query}/${standing}`} rows={rows} references={query === '' && standing === 'all'} />
    </Dialog>
  );
}

/** Only the rows in sight exist; their heights are measured, because rules are of one sentence or of three. */
function Rules({ rows, references }: { readonly rows: readonly Row[]; readonly references: boolean }) {
  const box = useRef<HTMLElement>(null);
  const first = references ? 1 : 0;
  const virtual = useVirtualizer({
    count: rows.length + first,
    getScrollElement: () => box.current,
    estimateSize: () => 96,
    overscan: 6,
  });
  const items = virtual.getVirtualItems();
  if (rows.length === 0) return <p className="dialog-part faint">No rule is about that.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section ref={box} className="sources-list scrolls" tabIndex={0} aria-label="Rules by document">
      <ul style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start, key }) => {
          const row = rows[index - first];
          return (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              aria-setsize={rows.length + first}
              aria-posinset={index + 1}
              style={{ translate: `0 ${start}px` }}
            >
              {row ? <RowContent row={row} /> : <References />}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function RowContent({ row }: { readonly row: Row }) {
  if (row.kind === 'rule') return <RuleItem rule={row.rule} />;
  const { document, count } = row;
  return (
    <div className="source-document">
      <h3>
        {document.title} <span className="faint">{count}</span>
      </h3>
      {document.about && <p className="faint">{document.about}</p>}
    </div>
  );
}

const References = () => (
  <div className="source-document">
    <h3>What the talk refers to</h3>
    <ol className="references">
      {REFERENCES.map(({ title, by, for: what }) => (
        <li key={`${title} ${by}`}>
          <cite>{title}</cite> {by}. <span className="faint">For {what}.</span>
        </li>
      ))}
    </ol>
  </div>
);
