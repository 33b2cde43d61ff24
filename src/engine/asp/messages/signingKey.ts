import { readU32 } from '../../core/bytes';
import { snpOf } from '../snp/state';
import { type Ask, type MessageCheck, REQUEST } from './message';

/** KEY_SEL: `either` is a VLEK where one is loaded. */
export type KeyChoice = 'either' | 'VCEK' | 'VLEK';

const CHOICES: readonly KeyChoice[] = ['either', 'VCEK', 'VLEK'];

/** @param word KEY_SEL in its lowest two bits. */
export const keyAsked = (word: number): KeyChoice | null => CHOICES[word & 3] ?? null;

/** Asks the guest for a key that is not there, or that its launch forbade? */
export function isUnusable({ p, guest }: Ask, word: number): boolean {
  const hasVlek = snpOf(p).vlek !== null;
  const asked = keyAsked(word);
  if (asked === 'VLEK') return !hasVlek;
  if (asked === 'VCEK') return guest.vcekDisabled;
  return asked === null || (guest.vcekDisabled && !hasVlek);
}

/** Nobody in the guest gets something for a more powerful part of it. @param at of VMPL in the message. */
export const vmplBelow = (at: number): MessageCheck => ({
  id: 'asp.msg-vmpl',
  says: 'VMPL is a more powerful one than the number of the key that the message came with',
  status: 'INVALID_PARAM',
  source: REQUEST,
  holds: ({ payload, vmpck }) => readU32(payload, at) < vmpck,
});
