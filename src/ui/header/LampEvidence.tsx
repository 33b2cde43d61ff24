import type { LampName } from '../../engine/core/lamps';
import { move } from '../../store/session';
import type { Lamp } from '../../worker/protocol';

/** What a lamp says while it is green. */
const HOLDS: Readonly<Record<LampName, string>> = {
  confidentiality: 'So far nobody without the key has seen plaintext of a guest’s private memory.',
  integrity: 'So far every guest reads back from its private memory what it wrote there.',
  freshness: 'So far no guest has read privately what it had overwritten.',
  controlflow:
    'So far every guest runs what it put there, from where it stopped, with the registers that it had.',
  availability:
    'So far nothing has stopped a guest. No technology promises that: the hypervisor can always let a guest lie.',
};

interface Props {
  readonly popover: string;
  readonly title: string;
  readonly broken: string;
  readonly lamp: Lamp;
}

/** Why a lamp is as it is: what was promised, or what broke it and the way to that moment. */
export default function LampEvidence({ popover, title, broken, lamp: { name, violated, evidence } }: Props) {
  return (
    <>
      <p className="overline">
        {title} {violated ? `is ${broken}` : 'holds'}
      </p>
      <p>{evidence?.sentence ?? HOLDS[name]}</p>
      {evidence && (
        <button
          type="button"
          className="button button-small"
          popoverTarget={popover}
          popoverTargetAction="hide"
          onClick={() => void move({ to: 'change', change: evidence.change })}
        >
          Go to that moment (change {evidence.change})
        </button>
      )}
    </>
  );
}
