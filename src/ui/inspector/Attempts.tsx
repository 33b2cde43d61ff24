import { ChevronRight, OctagonX } from 'lucide-react';
import type { GuestSummary, PageView } from '../../worker/protocol';
import { CheckLadder } from '../kit/CheckLadder';
import { FaultCard } from '../kit/FaultCard';
import { written } from '../stage/shared/names';
import { OwnerName } from '../stage/shared/OwnerName';

interface Props {
  readonly attempts: PageView['attempts'];
  readonly guests: readonly GuestSummary[];
}

/** The names under which the engine lists those who have no guest's name. */
const OWNERS: Readonly<Record<string, string>> = { 'DRAM probe': 'probe' };

/** If each of these accessed the page now: what they would get, and, opened, every check with its source. */
export function Attempts({ attempts, guests }: Props) {
  return (
    <div className="attempts">
      {attempts.map(({ who, op, checks, outcome, fault }) => (
        <details key={`${who}/${op}`} data-refused={fault !== null}>
          <summary>
            <ChevronRight size={14} aria-hidden="true" />
            <span>
              <OwnerName name={OWNERS[who] ?? who} guests={guests}>
                {written(who)}
              </OwnerName>{' '}
              {op}
            </span>
            <span className="attempt-outcome">
              {fault && <OctagonX size={12} aria-hidden="true" />} {outcome}
            </span>
          </summary>
          <CheckLadder checks={checks} label={`Checks when ${who} ${op}`} />
          {fault && <FaultCard fault={fault} compact />}
        </details>
      ))}
    </div>
  );
}
