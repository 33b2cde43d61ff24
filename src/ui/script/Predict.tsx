import { Check, X } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import { useStore } from 'zustand';
import { guess, predictionKey, predictionsStore, settle } from '../../store/predictions';
import { engine } from '../../store/session';
import { stepScript } from '../../store/transport';
import type { PredictView } from '../../worker/protocol';

interface Props {
  readonly scenario: string;
  readonly number: number;
  readonly question: PredictView | null;
  /** The step done last; the question is asked before its own step. */
  readonly done: number;
}

/** A question before a step. Its answer is computed by the machine when the step has been taken; there is no stored key. */
export function Predict({ scenario, number, question, done }: Props) {
  const name = useId();
  const form = useRef<HTMLFormElement>(null);
  const key = predictionKey(scenario, number);
  const prediction = useStore(predictionsStore, ({ predictions }) => predictions[key]);
  const taken = done >= number;
  const unsettled = taken && prediction !== undefined && prediction.answer === null;
  useEffect(() => {
    if (!unsettled) return;
    void engine.answer(number).then(
      (answer) => settle(key, answer),
      () => {},
    );
  }, [unsettled, number, key]);

  const asked = question !== null && (done === number - 1 || (done === number && prediction !== undefined));
  useEffect(() => {
    if (asked) void form.current?.scrollIntoView({ block: 'nearest' });
  }, [asked]);
  if (!asked) return null;
  const right = prediction?.answer?.right ?? null;
  return (
    <form
      ref={form}
      className="predict"
      onSubmit={(event) => {
        event.preventDefault();
        void stepScript(1);
      }}
    >
      <fieldset disabled={taken}>
        <legend>
          <strong>Predict.</strong> {question.ask}
        </legend>
        {question.options.map((option, index) => (
          <label key={option} className={mark(right, index, prediction?.guess)}>
            <input
              type="radio"
              name={name}
              checked={prediction?.guess === index}
              onChange={() => guess(key, index)}
            />
            <span>{option}</span>
            {right === index && <Check aria-label="this came true" />}
            {right !== null && right !== index && prediction?.guess === index && (
              <X aria-label="your guess, not so" />
            )}
          </label>
        ))}
      </fieldset>
      {!taken && (
        <button type="submit" className="button button-small" disabled={!prediction}>
          See what happens →
        </button>
      )}
      {prediction?.answer && (
        <p className="predict-because" role="status">
          <strong>{right === prediction.guess ? 'Right.' : 'Not so.'}</strong> {prediction.answer.because}
        </p>
      )}
    </form>
  );
}

function mark(right: number | null, index: number, chosen: number | undefined): string {
  if (right === index) return 'option option-right';
  return right !== null && chosen === index ? 'option option-wrong' : 'option';
}
