import { ShieldCheck, ShieldX } from 'lucide-react';
import { useId } from 'react';
import { move } from '../../store/session';
import type { Lamp, LampName } from '../../worker/protocol';
import { useStatus } from '../kit/stores';
import './lamps.css';

const WORDS: Readonly<Record<LampName, { readonly title: string; readonly holds: string }>> = {
  confidentiality: {
    title: 'Confidentiality',
    holds: 'So far nobody without the key has seen plaintext of a guest’s private memory.',
  },
  integrity: {
    title: 'Integrity',
    holds: 'So far every guest reads back from its private memory what it wrote there.',
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
  const { title, holds } = WORDS[name];
  const Icon = violated ? ShieldX : ShieldCheck;
  return (
    <li className={`lamp ${violated ? 'lamp-broken' : ''}`}>
      <button type="button" className="lamp-button" popoverTarget={id}>
        <Icon aria-hidden />
        {title} <span className="lamp-word">{violated ? 'broken' : 'holds'}</span>
      </button>
      <div id={id} popover="auto" className="lamp-evidence">
        <p className="overline">
          {title} {violated ? 'is broken' : 'holds'}
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
