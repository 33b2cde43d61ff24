import { useEffect, useRef } from 'react';
import { goToStep, nextStep, stepScript } from '../../store/transport';
import type { ScenarioStepView, ScenarioView } from '../../worker/protocol';
import { OwnerMark } from '../kit/OwnerMark';
import { Prose } from '../kit/Prose';
import { useEngine, useStatus } from '../kit/stores';
import { AttackFacts, AttackOutcome } from './AttackFacts';
import { OwnPicture } from './OwnPicture';
import { Predict } from './Predict';
import { StepAim } from './StepAim';

/** The open scenario: its steps in order, the one done last told in full, and a question before some. */
export function Script() {
  const script = useEngine((state) => state.script);
  const step = useStatus(({ scenario }) => scenario?.step ?? 0) ?? 0;
  const more = useEngine(() => nextStep() !== null);
  const top = useRef<HTMLParagraphElement>(null);
  const id = script?.id;
  useEffect(() => {
    if (id !== undefined && step === 0) top.current?.scrollIntoView({ block: 'nearest' });
  }, [id, step]);
  if (!script) return null;
  return (
    <div className="script">
      <p className="overline" ref={top}>
        {kindOf(script)}
      </p>
      <h2 className="script-title">{script.title}</h2>
      {step === 0 && (
        <p className="script-summary">
          <Prose text={script.summary} />
        </p>
      )}
      {script.attack && <AttackFacts attack={script.attack} whole={step === 0} />}
      {script.picture && <OwnPicture own={script.picture.own} />}
      <ol className="steps">
        {script.steps.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the steps of a script never move
          <Step key={index} number={index + 1} item={item} done={step}>
            <Predict scenario={script.id} number={index + 1} question={item.predict} done={step} />
          </Step>
        ))}
      </ol>
      {script.attack && step === script.steps.length && <AttackOutcome attack={script.attack} />}
      <div className="script-way">
        <button type="button" className="button" disabled={step === 0} onClick={() => void stepScript(-1)}>
          ← Back
        </button>
        <button
          type="button"
          className="button button-primary"
          disabled={!more}
          onClick={() => void stepScript(1)}
        >
          {step === 0 ? 'Begin' : more ? 'Next' : 'The end'} {more && '→'}
        </button>
      </div>
    </div>
  );
}

const kindOf = ({ attack, rows }: ScenarioView): string =>
  [attack ? `Attack · ${attack.year}` : 'Scenario', ...(rows.length > 0 ? [rows.join(', ')] : [])].join(
    ' · ',
  );

interface StepProps {
  readonly number: number;
  readonly item: ScenarioStepView;
  /** The step done last. */
  readonly done: number;
  readonly children: React.ReactNode;
}

function Step({ number, item, done, children }: StepProps) {
  const element = useRef<HTMLLIElement>(null);
  const current = number === done;
  useEffect(() => {
    if (current) element.current?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const state = current ? 'step-current' : number < done ? 'step-done' : 'step-ahead';
  return (
    <li
      ref={element}
      className={`step ${state} ${item.only ? 'step-not-here' : ''}`}
      aria-current={current ? 'step' : undefined}
    >
      <button type="button" className="step-title" onClick={() => void goToStep(number)}>
        <span className="step-number">{number}</span>
        <OwnerMark owner={item.who} />
        <span>{item.title}</span>
      </button>
      {current && (
        <p className="step-narration" aria-live="polite">
          <Prose text={item.narration} />
        </p>
      )}
      <StepAim step={item} taken={number <= done} />
      {children}
    </li>
  );
}
