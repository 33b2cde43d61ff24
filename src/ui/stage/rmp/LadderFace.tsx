import { Check, CircleSlash } from 'lucide-react';
import { useState } from 'react';
import { hex, PAGE_SIZE } from '../../../engine/core/address';
import { move } from '../../../store/session';
import type { GuestSummary, RmpLadderView, RmpQuestion, RmpRungView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { RuleNote } from '../../kit/RuleNote';
import { useStatus } from '../../kit/stores';
import { Term } from '../../kit/Term';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { valueText } from '../../kit/values';
import { Empty } from '../../kit/Waiting';
import { Answered } from '../shared/Answered';
import { OwnerName } from '../shared/OwnerName';
import { type Asking, QuestionBar } from './QuestionBar';

const NO_GUESTS: readonly GuestSummary[] = [];

const KIND_WORDS = {
  read: 'reads',
  write: 'writes',
  fetch: 'runs code from',
  walk: 'reaches a page table in',
  update: 'reaches a page table in',
} as const;

/** The checks of an access in their order: of the last one that was made, or of one that somebody could make. */
export function LadderFace({ pfn }: { readonly pfn: number }) {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const [asking, setAsking] = useState<Asking>({ who: 'xen', kind: 'write', c: true, vmpl: 0 });
  const [last, setLast] = useState(false);
  const question: RmpQuestion | null = last ? null : { ...asking, pfn };
  const answer = useEngineQuery(`rmp ladder ${JSON.stringify(question)}`, async (api) => ({
    view: await api.rmpLadder(question),
  }));
  return (
    <Panel
      title={last ? 'The last access that was checked' : `If it happened now: page ${hex(pfn * PAGE_SIZE)}`}
    >
      <QuestionBar {...{ asking, last, guests }} onAsking={setAsking} onLast={setLast} />
      <Answered answer={answer} what="the checks">
        {({ view }) => (view ? <Ladder view={view} guests={guests} /> : <Nothing last={last} />)}
      </Answered>
    </Panel>
  );
}

const Nothing = ({ last }: { readonly last: boolean }) => (
  <Empty title={last ? 'Nobody has been checked yet' : 'There is no such guest'}>
    <p>
      {last ? 'Let somebody read or write memory; its checks appear here.' : 'Choose somebody who lives.'}
    </p>
  </Empty>
);

const ACTORS: Readonly<Record<RmpLadderView['access']['actor'], string>> = {
  host: 'xen',
  guest: 'guest',
  'snp-guest': 'guest',
  device: 'device',
  firmware: 'asp',
};

function Ladder({
  view,
  guests,
}: {
  readonly view: RmpLadderView;
  readonly guests: readonly GuestSummary[];
}) {
  const { access, spa, row, rungs, end, fault, bits, change, fromTlb } = view;
  const { actor, kind, c, asid, vmpl, gpa, large } = access;
  const name = view.guest ?? ACTORS[actor];
  const details = [
    asid !== 0 ? `ASID ${asid}` : null,
    actor === 'snp-guest' ? `VMPL${vmpl}, C = ${c ? 1 : 0}` : null,
    asid !== 0 ? `GPA ${hex(gpa)}` : null,
    large ? 'mapped as 2 MiB' : null,
  ].filter(Boolean);
  return (
    <>
      <p className="rmp-question">
        <OwnerName name={name} guests={guests} /> {KIND_WORDS[kind]} SPA <code>{hex(spa)}</code>
        {details.length > 0 && <span className="faint"> · {details.join(' · ')}</span>}
        {change !== null && (
          <button
            type="button"
            className="button button-link"
            onClick={() => void move({ to: 'change', change })}
          >
            go to that moment
          </button>
        )}
      </p>
      <p className="rmp-verdict" role="status" data-refused={end !== 'allowed'}>
        {end === 'allowed' ? <Check aria-hidden="true" /> : <CircleSlash aria-hidden="true" />}
        <strong>{end === 'allowed' ? 'SNP lets it through' : `Refused: ${end}`}</strong>
        {bits.length > 0 && <span className="mono"> {bits.join(' · ')}</span>}
      </p>
      <div className="rmp-row-rule">
        <span>
          Row <code>{row.id}</code> of the manual’s table
        </span>
        <RuleNote rule={row.rule} />
      </div>
      {fromTlb && (
        <p className="faint">
          A <Term word="TLB" /> entry answered that was checked when it was made: nobody looked at the table.
        </p>
      )}
      {rungs.length > 0 && (
        <ol className="ladder rmp-ladder" aria-label="Checks of the RMP in their order">
          {reachedOf(rungs).map(({ rung, reached }) => (
            <Rung key={rung.name} rung={rung} reached={reached} />
          ))}
        </ol>
      )}
      {fault && (
        <p>
          {fault.message} <strong>What would have to be different:</strong> {fault.remedy}
        </p>
      )}
    </>
  );
}

/** The checks behind the one that decides are not made. */
function reachedOf(
  rungs: readonly RmpRungView[],
): { readonly rung: RmpRungView; readonly reached: boolean }[] {
  const decided = rungs.findIndex(({ decides }) => decides);
  return rungs.map((rung, index) => ({ rung, reached: decided < 0 || index <= decided }));
}

function Rung({ rung, reached }: { readonly rung: RmpRungView; readonly reached: boolean }) {
  const { name, rule, inputs, holds, decides, raises } = rung;
  return (
    <li data-passed={reached ? holds : 'none'} aria-current={decides ? 'step' : undefined}>
      <span className="ladder-mark" aria-hidden="true">
        {holds ? <Check size={12} /> : <CircleSlash size={12} />}
      </span>
      <div>
        <p className="ladder-title">
          <span>{name}</span>
          <span className="ladder-detail">
            {!reached ? 'not reached' : decides ? `decides: ${raises}` : 'holds'}
            {!reached && `; it ${holds ? 'would hold' : 'would not hold either'}`}
          </span>
        </p>
        <p className="mono rmp-inputs">
          {Object.entries(inputs)
            .filter(([, value]) => value !== null && value !== undefined)
            .map(
              ([key, value]) =>
                `${key} ${key === 'entry' && typeof value === 'number' ? hex(value) : valueText(key, value)}`,
            )
            .join(' · ')}
        </p>
        <RuleNote rule={rule} quiet={!decides} />
      </div>
    </li>
  );
}
