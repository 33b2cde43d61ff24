import { ChevronRight } from 'lucide-react';
import { hex, PAGE_SIZE, pfnOf } from '../../../engine/core/address';
import { openTab, selectPage } from '../../../store/view';
import type { GuestSummary, WalkView } from '../../../worker/protocol';
import { CheckLadder } from '../../kit/CheckLadder';
import { FaultCard } from '../../kit/FaultCard';
import { Panel } from '../../kit/Panel';
import { useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Answered } from '../shared/Answered';
import { keySelector, keyWords, sizeWords, written } from '../shared/names';
import { useCBit } from '../shared/useCBit';
import { AddressSplit } from './AddressSplit';
import { EntryCard } from './EntryCard';
import { tableName, type WalkGroup, walkGroups } from './groups';
import { useSubject } from './useSubject';
import { WalkBar } from './WalkBar';
import './walk.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** From a virtual address to the DRAM: every entry that is read on the way, bit by bit. */
export default function WalkTab() {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const [subject, setSubject] = useSubject(guests);
  const cBit = useCBit();
  const living = guests.filter((guest) => guest.alive);
  const answer = useEngineQuery(`walk/${subject.who}/${subject.virtual}`, (api) =>
    api.walk(subject.who, subject.virtual),
  );
  return (
    <div className="walk">
      <WalkBar subject={subject} guests={living} onChange={setSubject} />
      <Answered answer={answer} what="how it translates this address">
        {(walk) => <Walk walk={walk} cBit={cBit} guests={guests} />}
      </Answered>
    </div>
  );
}

interface Props {
  readonly walk: WalkView;
  readonly cBit: number;
  readonly guests: readonly GuestSummary[];
}

function Walk({ walk, cBit, guests }: Props) {
  const groups = walkGroups(walk.entries);
  return (
    <>
      <AddressSplit virtual={walk.virtual} pageSize={walk.result?.pageSize ?? PAGE_SIZE} />
      <ol className="levels">
        {groups.map((group, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the levels of one walk have no other name
          <Level key={index} group={group} cBit={cBit} guests={guests} />
        ))}
        {groups.length === 0 && (
          <li className="level faint">No table was read: the TLB held this translation.</li>
        )}
      </ol>
      <Result walk={walk} guests={guests} />
    </>
  );
}

function Level({
  group,
  cBit,
  guests,
}: {
  readonly group: WalkGroup;
  readonly cBit: number;
  readonly guests: readonly GuestSummary[];
}) {
  const { entry, nested } = group;
  const gpa = nested[0]?.gpa;
  return (
    <li className="level" data-level={entry?.level ?? 'data'}>
      <h3>
        {entry
          ? `${entry.table === 'host' ? 'Host' : 'Guest'} level ${entry.level}: ${tableName(entry.level)}`
          : 'The data itself'}
      </h3>
      {nested.length > 0 && (
        <details className="nested" open={entry === null}>
          <summary>
            <ChevronRight size={14} aria-hidden="true" />
            {nested.length} nested entries{' '}
            {gpa === null || gpa === undefined ? '' : `find GPA ${hex(gpa)} for it`}
          </summary>
          {nested.map((step) => (
            <EntryCard key={`${step.level}/${step.address}`} entry={step} cBit={cBit} guests={guests} />
          ))}
        </details>
      )}
      {entry && <EntryCard entry={entry} cBit={cBit} guests={guests} />}
    </li>
  );
}

function Result({ walk, guests }: { readonly walk: WalkView; readonly guests: readonly GuestSummary[] }) {
  const { result, fault, checks, who } = walk;
  const selector = result ? keySelector(result.key) : null;
  return (
    <Panel title={result ? `${written(who)} arrives` : `${written(who)} does not arrive`} level={3}>
      {result && (
        <p className="arrival">
          SPA <code>{hex(result.spa)}</code> in a page of {sizeWords(result.pageSize)}, with{' '}
          <strong>{selector === null ? result.key : keyWords(selector, guests)}</strong>{' '}
          <button
            type="button"
            className="button button-small"
            onClick={() => {
              selectPage(pfnOf(result.spa), result.spa % PAGE_SIZE);
              openTab('memory');
            }}
          >
            Look at its bytes
          </button>
        </p>
      )}
      {fault && <FaultCard fault={fault} />}
      {checks.length > 0 && <CheckLadder checks={checks} label="Key and checks" />}
    </Panel>
  );
}
