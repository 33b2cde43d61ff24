import { Pause, Play, StepBack, StepForward } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Parting } from '../../lab/partings';
import type { ComparedScript } from '../../worker/compare/protocol';
import { Prose } from '../kit/Prose';
import type { Lockstep } from './useLockstep';
import { ONLY_ON } from './words';

interface Props {
  readonly script: ComparedScript;
  readonly step: number;
  /** The first one. */
  readonly parting: Parting | null;
  readonly onGo: (step: number) => void;
  readonly lockstep: Lockstep;
}

/** The steps of the one script, the current one told; a mark where the machines first part. */
export function ScriptBar({ script, step, parting, onGo, lockstep: { playing, toggle } }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const last = script.steps.length;
  useEffect(() => {
    const item = list.current?.children[step - 1];
    const box = list.current;
    if (item instanceof HTMLElement && box)
      box.scrollLeft = item.offsetLeft - box.offsetLeft - box.clientWidth / 3;
  }, [step]);
  const current = script.steps[step - 1];
  return (
    <section className="compare-script" aria-label="Script">
      <ol ref={list} className="compare-steps">
        {script.steps.map(({ title, only }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the steps of a script never move
          <li key={index} data-parts={parting?.step === index + 1}>
            <button
              type="button"
              aria-current={step === index + 1 ? 'step' : undefined}
              onClick={() => onGo(index + 1)}
            >
              {index + 1} · {title}
              {only && <small>{ONLY_ON(only)}</small>}
              {parting?.step === index + 1 && <strong>◆ here they part</strong>}
            </button>
          </li>
        ))}
      </ol>
      <div className="compare-way">
        <button type="button" className="button" disabled={step === 0} onClick={() => onGo(step - 1)}>
          <StepBack aria-hidden />
          Back
        </button>
        <button
          type="button"
          className="button button-icon"
          aria-label={playing ? 'Pause' : 'Play'}
          aria-pressed={playing}
          disabled={step === last}
          onClick={toggle}
        >
          {playing ? <Pause aria-hidden /> : <Play aria-hidden />}
        </button>
        <button
          type="button"
          className="button button-primary"
          disabled={step === last}
          onClick={() => onGo(step + 1)}
        >
          Next
          <StepForward aria-hidden />
        </button>
      </div>
      <p className="compare-narration" role="status">
        {current ? (
          <Prose text={current.narration} />
        ) : (
          'The machines are on, and nothing has happened yet. Next, or →, takes the first step on all of them.'
        )}
      </p>
    </section>
  );
}
