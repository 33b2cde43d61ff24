import { CircleMinus, CircleSlash2, type LucideIcon, ShieldCheck, Skull } from 'lucide-react';
import type { LampName } from '../../engine/core/lamps';
import type { OutcomeWord } from '../../lab/attempt';
import type { Power } from '../../worker/protocol';

interface Words {
  readonly icon: LucideIcon;
  readonly word: string;
  /** What it means, in a sentence. */
  readonly means: string;
}

/** What an attack came to, as a glyph, a word and a sentence; the colour comes on top. */
export const OUTCOMES: Readonly<Record<OutcomeWord, Words>> = {
  works: { icon: Skull, word: 'works', means: 'The attacker reaches all that it wants.' },
  partial: { icon: CircleSlash2, word: 'in part', means: 'The attacker reaches some of it.' },
  blocked: { icon: ShieldCheck, word: 'blocked', means: 'A check stops it, or there is only noise to read.' },
  'n/a': { icon: CircleMinus, word: 'n/a', means: 'What is attacked does not exist there.' },
};

export const OUTCOME_WORDS = Object.keys(OUTCOMES) as readonly OutcomeWord[];

/** Who the attacker is and what it can do. */
export const POWER_WORDS: Readonly<Record<Power, string>> = {
  hypervisor: 'is the hypervisor',
  'hypervisor-stepping': 'stops the guest after each instruction',
  physical: 'has its hands on the machine',
  device: 'has a device',
  cotenant: 'runs another guest beside it',
  'guest-process': 'runs a program inside the guest',
  'known-plaintext': 'knows some of the plaintext',
  'network-input': 'sends requests to the guest',
  firmware: 'runs firmware of its own',
  'owner-mistake': 'waits for a mistake of the owner',
};

/** The properties as nouns. */
export const PROPERTY_WORDS: Readonly<Record<LampName, string>> = {
  confidentiality: 'confidentiality',
  integrity: 'integrity',
  freshness: 'freshness',
  controlflow: 'control flow',
  availability: 'availability',
};
