import { Check, Crosshair, X } from 'lucide-react';
import type { Technology } from '../../engine/core/config';
import type { ScenarioStepView } from '../../worker/protocol';
import { TECHNOLOGY_NAMES } from '../header/machine';

interface Props {
  readonly step: ScenarioStepView;
  readonly taken: boolean;
}

/** What the attacker wants with a step, and whether it was reached; or that this machine does not have the step. */
export function StepAim({ step: { only, aim }, taken }: Props) {
  if (only) return <p className="step-absent">Not on this machine: only with {listed(only)}.</p>;
  if (!aim) return null;
  const reached = taken ? aim.reached : null;
  const Icon = reached === null ? Crosshair : reached ? Check : X;
  const word = reached === null ? 'Wanted' : reached ? 'Reached' : 'Not reached';
  return (
    <p className="step-aim" data-reached={reached ?? 'open'} title={reached === null ? undefined : aim.shown}>
      <Icon aria-hidden />
      <span>
        <b>{word}:</b> {aim.says}
      </span>
    </p>
  );
}

const listed = (only: readonly Technology[]): string =>
  only.map((technology) => TECHNOLOGY_NAMES[technology].title).join(', ');
