import type { GuestSummary, SideView, SpanView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Answered } from '../shared/Answered';
import { written } from '../shared/names';
import { OwnerName } from '../shared/OwnerName';
import { ExitList } from './ExitList';
import { exitAt, WAY_WORDS } from './exits';
import { Sequence } from './Sequence';

const NO_SPANS: readonly SpanView[] = [];
const never = (): number => 0;

interface Props {
  readonly sides: readonly SideView[];
  readonly guests: readonly GuestSummary[];
}

/** The exit at the cursor of each side, step by step, and all others to go to. */
export function ExitsFace({ sides, guests }: Props) {
  return (
    <div className="exit-pair">
      {sides.map((side) => (
        <ExitSide key={`${side.guest}/${side.vcpu}`} side={side} guests={guests} />
      ))}
    </div>
  );
}

interface SideProps {
  readonly side: SideView;
  readonly guests: readonly GuestSummary[];
}

function ExitSide({ side, guests }: SideProps) {
  const { guest, vcpu, es } = side;
  const line = useStatus(
    ({ actionsRevision, bootEnd, firstKept }) => `${actionsRevision} ${bootEnd} ${firstKept}`,
  );
  const cursor = useStatus((status) => status.cursor) ?? 0;
  const spans = useStatus((status) => status.spans) ?? NO_SPANS;
  const choice = { guest, vcpu };
  const log = useEngineQuery(`exits ${guest}/${vcpu} ${es} ${line}`, (api) => api.exits(choice), never);
  const current = log.value && exitAt(log.value.records, spans, cursor);
  const key = current ? `exit ${guest}/${vcpu} ${es} ${current.id} ${line}` : null;
  const exit = useEngineQuery(key, (api) => api.exit(choice, current?.id ?? 0), never);
  const shown = current && exit.value?.record.id === current.id ? exit.value : null;
  return (
    <Panel
      className="exit-side"
      title={
        <>
          <OwnerName name={guest} guests={guests} />{' '}
          {current ? `leaves: ${current.name}` : 'has not left yet'}
        </>
      }
      aside={current ? WAY_WORDS[current.way] : undefined}
    >
      <Answered answer={log} what={`the exits of ${written(guest)}`}>
        {(found) =>
          found.records.length === 0 ? (
            <p className="faint">No exit of this vCPU is in the record. Load a program and step it.</p>
          ) : (
            <>
              {shown && <Sequence view={shown} guest={guest} guests={guests} cursor={cursor} />}
              <h4 className="overline">All exits</h4>
              <ExitList log={found} guest={guest} current={current} cursor={cursor} />
            </>
          )
        }
      </Answered>
    </Panel>
  );
}
