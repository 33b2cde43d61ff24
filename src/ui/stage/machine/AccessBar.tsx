import { ChevronLeft, ChevronRight, SkipBack, SkipForward } from 'lucide-react';
import { move } from '../../../store/session';
import type { AccessView, GuestSummary } from '../../../worker/protocol';
import { RuleNote } from '../../kit/RuleNote';
import { valueText } from '../../kit/values';
import { OwnerName } from '../shared/OwnerName';
import type { Step } from './steps';

interface Props {
  readonly access: AccessView;
  readonly steps: readonly Step[];
  readonly guests: readonly GuestSummary[];
}

/** Which access this is, and the way to the one before, the one after, and from step to step. */
export function AccessBar({ access, steps, guests }: Props) {
  const { span, reached, previous, next } = access;
  const current = steps.findLastIndex((step) => step.from < reached);
  const toStep = (index: number): void => {
    const step = steps[index];
    void move({ to: 'change', change: step ? step.stop.hop.index + 1 : span.start });
  };
  const args = Object.entries(span.args)
    .map(([name, value]) => `${name} ${valueText(name, value)}`)
    .join(', ');
  const now = steps[current]?.stop.hop;
  return (
    <div className="stage-bar access-bar">
      <h2>
        <OwnerName name={span.actor} guests={guests} /> <code>{span.name}</code>{' '}
        <span className="faint">{args}</span>
      </h2>
      <output className="push">
        step {current + 1} of {steps.length}
      </output>
      <div className="access-buttons">
        <button
          type="button"
          className="button button-small"
          disabled={previous === null}
          title="The access before this one"
          onClick={() => previous !== null && move({ to: 'change', change: previous + 1 })}
        >
          <SkipBack aria-hidden="true" /> Previous
        </button>
        <button
          type="button"
          className="button button-small"
          disabled={current < 0}
          aria-label="One step back"
          onClick={() => toStep(current - 1)}
        >
          <ChevronLeft aria-hidden="true" />
        </button>
        <button
          type="button"
          className={`button button-small ${current + 1 < steps.length ? 'button-primary' : ''}`}
          disabled={current + 1 >= steps.length}
          onClick={() => toStep(current + 1)}
        >
          Step <ChevronRight aria-hidden="true" />
        </button>
        <button
          type="button"
          className="button button-small"
          disabled={next === null}
          title="The access after this one"
          onClick={() => next !== null && move({ to: 'change', change: next + 1 })}
        >
          Next <SkipForward aria-hidden="true" />
        </button>
      </div>
      <div className="access-now" aria-live="polite">
        <p>{now ? steps[current]?.title : 'Not begun yet.'}</p>
        {now?.rule && <RuleNote rule={now.rule} />}
      </div>
    </div>
  );
}
