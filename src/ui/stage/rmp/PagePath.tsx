import { ArrowRight } from 'lucide-react';
import type { GuestSummary, RmpMachineView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { OwnerName } from '../shared/OwnerName';
import { Jump } from './Jump';
import type { Picked } from './picked';

interface Props {
  readonly title: string;
  readonly machine: RmpMachineView;
  readonly guests: readonly GuestSummary[];
  readonly onPick: (picked: Picked) => void;
}

/** What a page went through up to now, oldest first. */
export function PagePath({ title, machine: { path, since, current }, guests, onPick }: Props) {
  return (
    <Panel title={title}>
      {path.length === 0 ? (
        <p className="faint">
          {since === 0
            ? 'Nothing has changed its state'
            : `Nothing since change ${since} has changed its state`}
          : it is {current}.
        </p>
      ) : (
        <ol className="page-path" aria-label={title}>
          {path.map((step) => (
            <li key={step.change}>
              <button
                type="button"
                className="button button-link"
                onClick={() => onPick({ kind: 'edge', from: step.from, to: step.to })}
              >
                {step.from} <ArrowRight size={12} aria-label="to" /> {step.to}
              </button>
              <span>
                <OwnerName name={step.actor} guests={guests} /> <span className="mono">{step.by}</span>
                {step.edge === null && (
                  <strong className="page-no-edge"> No edge: somebody wrote the table itself.</strong>
                )}
              </span>
              <span className="faint">{step.action}</span>
              <Jump moment={step} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
