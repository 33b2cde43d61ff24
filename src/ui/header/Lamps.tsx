import { Activity, EyeOff, History, type LucideIcon, ShieldCheck, Workflow, X } from 'lucide-react';
import { useId } from 'react';
import type { LampName } from '../../engine/properties/names';
import { move } from '../../store/session';
import type { Lamp } from '../../worker/protocol';
import { useStatus } from '../kit/stores';
import './lamps.css';

interface Words {
  readonly title: string;
  /** For where several are broken and there is little room. */
  readonly short: string;
  readonly icon: LucideIcon;
  readonly holds: string;
  /** What the lamp says when it does not. */
  readonly broken: string;
}

const WORDS: Readonly<Record<LampName, Words>> = {
  confidentiality: {
    title: 'Confidentiality',
    short: 'Conf.',
    icon: EyeOff,
    holds: 'So far nobody without the key has seen plaintext of a guest’s private memory.',
    broken: 'broken',
  },
  integrity: {
    title: 'Integrity',
    short: 'Integr.',
    icon: ShieldCheck,
    holds: 'So far every guest reads back from its private memory what it wrote there.',
    broken: 'broken',
  },
  freshness: {
    title: 'Freshness',
    short: 'Fresh.',
    icon: History,
    holds: 'So far no guest has read privately what it had overwritten.',
    broken: 'broken',
  },
  controlflow: {
    title: 'Control flow',
    short: 'Flow',
    icon: Workflow,
    holds:
      'So far every guest runs what it put there, from where it stopped, with the registers that it had.',
    broken: 'broken',
  },
  availability: {
    title: 'Availability',
    short: 'Avail.',
    icon: Activity,
    holds:
      'So far nothing has stopped a guest. No technology promises that: the hypervisor can always let a guest lie.',
    broken: 'interrupted',
  },
};

const NONE: readonly Lamp[] = [];

/** The promises, each computed from the changes up to the cursor: holds, or broken since a moment that one can go to. */
export function Lamps() {
  const lamps = useStatus((status) => status.lamps) ?? NONE;
  return (
    <ul className="lamps" aria-label="Properties">
      {lamps.map((lamp) => (
        <LampItem key={lamp.name} lamp={lamp} />
      ))}
    </ul>
  );
}

function LampItem({ lamp: { name, violated, evidence } }: { readonly lamp: Lamp }) {
  const id = useId();
  const { title, short, icon: Icon, holds, broken } = WORDS[name];
  const word = violated ? broken : 'holds';
  const look = !violated ? '' : name === 'availability' ? 'lamp-interrupted' : 'lamp-broken';
  return (
    <li className={`lamp ${look}`}>
      <button type="button" className="lamp-button" popoverTarget={id} title={`${title}: ${word}`}>
        <Icon aria-hidden />
        {violated && <X aria-hidden className="lamp-cross" />}
        <span className="lamp-title" data-short={short}>
          {title}
        </span>{' '}
        <span className="lamp-word">{word}</span>
      </button>
      <div id={id} popover="auto" className="lamp-evidence">
        <p className="overline">
          {title} {violated ? `is ${broken}` : 'holds'}
        </p>
        <p>{evidence?.sentence ?? holds}</p>
        {evidence && (
          <button
            type="button"
            className="button button-small"
            popoverTarget={id}
            popoverTargetAction="hide"
            onClick={() => void move({ to: 'change', change: evidence.change })}
          >
            Go to that moment (change {evidence.change})
          </button>
        )}
      </div>
    </li>
  );
}
