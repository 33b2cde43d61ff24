import type { Action } from '../../engine/actions';
import { PAGE_SIZE } from '../../engine/core/address';
import type { SandboxLevel } from './levels';
import { BALANCE, placeOf, textOf, VICTIM } from './setUp';

/** What Alice does when she is let go on: moves that anybody may ask for, and that do what she means them to do. */
export interface GoingOn {
  readonly id: 'visit' | 'mail' | 'spend' | 'look' | 'run' | 'work';
  readonly title: string;
  readonly says: string;
  /** With an example in place of what a visitor sends. */
  readonly action: Action;
  /** The visitor’s bytes are the person’s to choose. */
  readonly mail: boolean;
}

/** Sixteen bytes that are a program: MOV RAX, “your cod”; HLT, and more HLT behind it. */
export const YOUR_CODE = 'hex:48b8796f757220636f64f4f4f4f4f4f4';

/** Her whole inbox: 64 cache lines. */
const WORK = PAGE_SIZE;

export function goingOn(level: SandboxLevel): readonly GoingOn[] {
  const guest = VICTIM;
  const at = (name: Parameters<typeof placeOf>[1]): number => placeOf(level, name);
  const visit = { type: 'guest.io', guest, direction: 'send', via: 'bounce', length: 16 };
  const mail = { type: 'guest.io', guest, direction: 'receive', via: 'bounce', data: YOUR_CODE };
  return [
    {
      id: 'visit',
      title: 'Answer a visitor',
      says: 'She copies sixteen bytes of her greeting into the buffer that she shares with Xen, and the device sends them.',
      action: { ...visit, at: at('greeting') },
      mail: false,
    },
    {
      id: 'mail',
      title: 'Take a visitor’s mail',
      says: 'What you send arrives in the shared buffer, and she copies it into her private inbox.',
      action: { ...mail, at: at('inbox') },
      mail: true,
    },
    {
      id: 'spend',
      title: 'Spend 990 EUR',
      says: 'She overwrites her balance.',
      action: { type: 'guest.write', guest, at: at('account'), data: BALANCE.after },
      mail: false,
    },
    {
      id: 'look',
      title: 'Look at her balance',
      says: 'She reads the sixteen bytes of her account.',
      action: { type: 'guest.read', guest, at: at('account'), length: 16 },
      mail: false,
    },
    {
      id: 'run',
      title: 'Run her program',
      says: 'It loads balance and PIN into registers, asks CPUID, and rests at HLT.',
      action: { type: 'guest.continue', guest },
      mail: false,
    },
    {
      id: 'work',
      title: 'Do other work',
      says: 'She goes through her whole inbox; the small cache of this machine holds nothing else after that.',
      action: { type: 'guest.read', guest, at: at('inbox'), length: WORK },
      mail: false,
    },
  ];
}

/** Whether an action is Alice going on, whatever a visitor sends. */
export function isGoingOn(level: SandboxLevel, action: Action): boolean {
  return goingOn(level).some(
    ({ action: own, mail }) =>
      textOf(own) === textOf(mail ? { ...action, data: own.data ?? null } : action) &&
      (!mail || typeof action.data === 'string'),
  );
}
