import { PAGE_SIZE } from '../../engine/core/address';
import type { LampName } from '../../engine/core/lamps';
import { OWNER_GUEST } from '../../engine/core/page';
import { observationOf } from '../../engine/properties/observation';
import type { SandboxLevel } from './levels';
import { contains, type GameRecord } from './record';
import { gpaOf, PIN, VICTIM_ID } from './setUp';

export const GOALS = ['pin', 'balance', 'code'] as const;
export type Goal = (typeof GOALS)[number];

/** A goal is reached by what the record shows; no list of moves is known to it. */
export interface Reached {
  /** Index of the change that shows it. */
  readonly change: number;
  readonly sentence: string;
}

export interface GoalFacts {
  readonly title: string;
  readonly says: string;
  /** The property that has to break. */
  readonly lamp: LampName;
  readonly reached: (record: GameRecord, level: SandboxLevel) => Reached | null;
}

const ALICE = OWNER_GUEST + VICTIM_ID;
const BLOCK = new TextEncoder().encode(PIN);
/** So many bytes in a row of what the person sent have to be fetched: fewer may stand there by chance. */
const OWN_CODE = 8;

export const GOAL_FACTS: Readonly<Record<Goal, GoalFacts>> = {
  pin: {
    title: 'Read the PIN',
    says: 'Somebody who is not Alice sees the sixteen bytes of her PIN, or knows that they are what was guessed.',
    lamp: 'confidentiality',
    reached: disclosed,
  },
  balance: {
    title: 'Make her see the old balance',
    says: 'Alice looks at her account and reads what she has overwritten since.',
    lamp: 'freshness',
    reached: oldBalance,
  },
  code: {
    title: 'Make her run your code',
    says: 'Alice’s processor fetches at least eight bytes in a row that you have sent, where she did not put them to run.',
    lamp: 'controlflow',
    reached: ownCode,
  },
};

/** The property is broken by something that has the PIN in it. */
function disclosed(record: GameRecord): Reached | null {
  const found = record.violations('confidentiality').find(({ change }) => {
    const shown = record.change(change);
    return shown?.store === 'fact' && shown.bytes !== null && contains(shown.bytes, BLOCK);
  });
  return found ?? null;
}

function oldBalance(record: GameRecord, level: SandboxLevel): Reached | null {
  const page = gpaOf(level, 'account');
  const found = record.violations('freshness').find(({ change }) => {
    const shown = record.change(change);
    const seen = shown && observationOf(shown);
    return seen?.principal === ALICE && seen.gpa !== null && seen.gpa >= page && seen.gpa < page + PAGE_SIZE;
  });
  return found ?? null;
}

function ownCode(record: GameRecord): Reached | null {
  const [broken] = record.violations('controlflow');
  if (!broken) return null;
  for (const [change, each] of record.changes(broken.change)) {
    const seen = observationOf(each);
    if (!seen?.fetched || seen.principal !== ALICE || seen.bytes.length < OWN_CODE) continue;
    const head = seen.bytes.subarray(0, OWN_CODE);
    if (record.putIn(change).some((bytes) => contains(bytes, head)))
      return { change, sentence: `Alice ran at 0x${seen.address.toString(16)} what you had sent.` };
  }
  return null;
}
