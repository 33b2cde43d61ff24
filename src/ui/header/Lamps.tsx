import { Activity, EyeOff, History, type LucideIcon, ShieldCheck, Workflow, X } from 'lucide-react';
import { Suspense, useId } from 'react';
import type { LampName } from '../../engine/core/lamps';
import type { Lamp } from '../../worker/protocol';
import { later } from '../kit/later';
import { useStatus } from '../kit/stores';
import './lamps.css';

const LampEvidence = later(() => import('./LampEvidence'));

interface Words {
  readonly title: string;
  /** For where several are broken and there is little room. */
  readonly short: string;
  readonly icon: LucideIcon;
  /** What the lamp says when it does not. */
  readonly broken: string;
}

const WORDS: Readonly<Record<LampName, Words>> = {
  confidentiality: {
    title: 'Confidentiality',
    short: 'Conf.',
    icon: EyeOff,
    broken: 'broken',
  },
  integrity: {
    title: 'Integrity',
    short: 'Integr.',
    icon: ShieldCheck,
    broken: 'broken',
  },
  freshness: {
    title: 'Freshness',
    short: 'Fresh.',
    icon: History,
    broken: 'broken',
  },
  controlflow: {
    title: 'Control flow',
    short: 'Flow',
    icon: Workflow,
    broken: 'broken',
  },
  availability: {
    title: 'Availability',
    short: 'Avail.',
    icon: Activity,
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

function LampItem({ lamp }: { readonly lamp: Lamp }) {
  const { name, violated } = lamp;
  const id = useId();
  const { title, short, icon: Icon, broken } = WORDS[name];
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
        <Suspense fallback={null}>
          <LampEvidence popover={id} title={title} broken={broken} lamp={lamp} />
        </Suspense>
      </div>
    </li>
  );
}
