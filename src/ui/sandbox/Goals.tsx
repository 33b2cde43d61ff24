import { Circle, CircleCheckBig } from 'lucide-react';
import { useState } from 'react';
import { move } from '../../store/session';
import type { GoalView } from '../../worker/protocol';
import { Panel } from '../kit/Panel';
import { Prose } from '../kit/Prose';

/** What can be won, by what the properties say. */
export function Goals({ goals }: { readonly goals: readonly GoalView[] }) {
  return (
    <Panel kind="section" title="Goals">
      <ul className="game-goals">
        {goals.map((goal) => (
          <Goal key={goal.goal} goal={goal} />
        ))}
      </ul>
    </Panel>
  );
}

function Goal({ goal: { title, says, reached, hints } }: { readonly goal: GoalView }) {
  const [told, setTold] = useState(0);
  const Icon = reached ? CircleCheckBig : Circle;
  return (
    <li className="game-goal" data-reached={reached !== null}>
      <Icon aria-hidden />
      <div>
        <p>
          <b>{title}</b>{' '}
          <span className="game-state">{reached ? `reached at move ${reached.move}` : 'open'}</span>
        </p>
        <p className="field-help">{reached ? reached.sentence : says}</p>
        {told > 0 && (
          <ol className="game-hints" aria-label={`Hints to “${title}”`} aria-live="polite">
            {hints.slice(0, told).map((hint) => (
              <li key={hint}>
                <Prose text={hint} />
              </li>
            ))}
          </ol>
        )}
        {reached && (
          <button
            type="button"
            className="button button-link"
            onClick={() => void move({ to: 'change', change: reached.change })}
          >
            Go to that moment (change {reached.change})
          </button>
        )}
        {!reached && told < hints.length && (
          <button
            type="button"
            className="button button-link"
            aria-label={`Hint ${told + 1} of ${hints.length} to “${title}”`}
            onClick={() => setTold(told + 1)}
          >
            {told === 0 ? 'A hint' : 'Another hint'} ({told} of {hints.length})
          </button>
        )}
      </div>
    </li>
  );
}
