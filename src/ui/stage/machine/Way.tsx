import { Check, OctagonX } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { move } from '../../../store/session';
import { around, type Step, type StepState, stateOf } from './steps';

interface Props {
  readonly steps: readonly Step[];
  readonly reached: number;
}

/** Steps drawn at once; a long access has more lines than anybody reads. */
const MOST = 60;

const WORDS: Readonly<Record<StepState, string>> = {
  done: 'done',
  now: 'now',
  later: 'still to come',
  refused: 'refused here',
};

/** The way of this access, numbered: what has happened, what happens now, and what is still to come. */
export function Way({ steps, reached }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const current = steps.findLastIndex((step) => step.from < reached);
  const { first, part } = around(steps, current, MOST);
  useEffect(() => {
    const box = list.current;
    const now = box?.querySelector<HTMLElement>('[aria-current]');
    if (!box || !now) return;
    const above = now.offsetTop - box.scrollTop;
    if (above < 0 || above + now.offsetHeight > box.clientHeight)
      box.scrollTop = now.offsetTop - box.clientHeight / 2;
  });
  return (
    <section className="way" aria-labelledby="way-title">
      <h3 id="way-title" className="overline">
        The way of this access
      </h3>
      <ol ref={list} start={first + 1} className="way-steps">
        {part.map((step, index) => {
          const number = first + index;
          const state = stateOf(step, reached, number === current);
          return (
            <li key={step.from} data-state={state}>
              <button
                type="button"
                aria-current={number === current ? 'step' : undefined}
                onClick={() => move({ to: 'change', change: step.stop.hop.index + 1 })}
              >
                <span className="way-number" aria-hidden="true">
                  {state === 'done' ? (
                    <Check size={12} />
                  ) : state === 'refused' ? (
                    <OctagonX size={12} />
                  ) : (
                    number + 1
                  )}
                </span>
                {step.title}
                <span className="visually-hidden">, {WORDS[state]}</span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
