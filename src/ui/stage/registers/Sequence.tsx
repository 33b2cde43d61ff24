import { OctagonX } from 'lucide-react';
import { move } from '../../../store/session';
import type { ExitStep, ExitView, GuestSummary } from '../../../worker/protocol';
import { cssVars } from '../../kit/cssVars';
import { hueStyle, OwnerName } from '../shared/OwnerName';
import { Carried } from './Carried';
import { LANE_X, stepAt } from './exits';

interface Props {
  readonly view: ExitView;
  readonly guest: string;
  readonly guests: readonly GuestSummary[];
  readonly cursor: number;
}

/** One exit from above down, in three lanes; each step leads to its moment. */
export function Sequence({ view, guest, guests, cursor }: Props) {
  const { steps, record } = view;
  const current = stepAt(steps, cursor);
  return (
    <div className="seq" style={hueStyle(guest, guests)}>
      <p className="seq-lanes" aria-hidden="true">
        <OwnerName name={guest} guests={guests} />
        <span>Hardware</span>
        <OwnerName name="xen" guests={guests} />
      </p>
      <ol className="seq-steps" aria-label={`${record.name}: guest, hardware and Xen, step by step`}>
        {steps.map((step, index) => (
          <Step
            key={step.key}
            step={step}
            from={steps[index - 1]?.lane ?? step.lane}
            guest={guest}
            state={index > current ? 'later' : index === current ? 'current' : 'done'}
          />
        ))}
      </ol>
    </div>
  );
}

interface StepProps {
  readonly step: ExitStep;
  readonly from: ExitStep['lane'];
  readonly guest: string;
  readonly state: 'done' | 'current' | 'later';
}

const LANE_WORDS: Readonly<Record<ExitStep['lane'], string>> = {
  guest: 'Guest',
  hardware: 'Hardware',
  xen: 'Xen',
};

function Step({ step, from, guest, state }: StepProps) {
  const { lane, name, says, at, shows, refused } = step;
  return (
    <li
      className="seq-step"
      data-lane={lane}
      data-state={state}
      data-crosses={from !== lane}
      style={cssVars({ '--from': `${LANE_X[from]}%`, '--to': `${LANE_X[lane]}%` })}
    >
      <div className="seq-box">
        <button
          type="button"
          className="seq-go mono"
          aria-current={state === 'current' ? 'step' : undefined}
          onClick={() => void move({ to: 'change', change: at })}
        >
          <span className="visually-hidden">{LANE_WORDS[lane]}: </span>
          {name}
        </button>
        {says && <p>{says}</p>}
        {shows && <Carried shows={shows} guest={guest} />}
        {refused && (
          <p className="seq-refused">
            <OctagonX size={13} aria-hidden="true" /> {refused}
          </p>
        )}
      </div>
    </li>
  );
}
