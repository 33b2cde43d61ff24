import { get, set } from 'idb-keyval';
import { LAMP_NAMES } from '../../engine/core/lamps';
import { chars, whole, z } from '../../engine/core/zod';
import type { OutcomeWord } from '../../lab/attempt';
import { CHECK_NAMES } from '../../scenario/checks';
import type { MatrixCell } from './protocol';

/** Rows from one visit to the next. Anybody may have written into the storage: what has not this form is not there. */
export interface Kept {
  /** The cells of an attack that were kept for the same scenario and the same build; none for any other. */
  read(attack: string, digest: string): Promise<readonly MatrixCell[]>;
  write(attack: string, digest: string, cells: readonly MatrixCell[]): Promise<void>;
}

const PREFIX = 'attack/';
const MOST_CELLS = 16;
const WORDS = ['works', 'partial', 'blocked', 'n/a'] as const satisfies readonly OutcomeWord[];

const cell: z.ZodMiniType<MatrixCell> = z.strictObject({
  attack: chars(1, 64),
  column: chars(1, 64),
  outcome: z.enum(WORDS),
  check: z.nullable(z.enum(CHECK_NAMES)),
  rule: z.nullable(chars(1, 128)),
  step: z.nullable(whole(1, 1000)),
  says: chars(0, 4000),
  lamps: z.array(z.enum(LAMP_NAMES)).check(z.maxLength(LAMP_NAMES.length)),
});

const stored = z.strictObject({
  digest: chars(64, 64),
  cells: z.array(cell).check(z.maxLength(MOST_CELLS)),
});

/** Reads what came out of a storage. */
export function readKept(value: unknown, attack: string, digest: string): readonly MatrixCell[] {
  const result = stored.safeParse(value);
  if (!result.success || result.data.digest !== digest) return [];
  return result.data.cells.filter((each) => each.attack === attack);
}

/** This browser’s storage; where it is forbidden or full nothing is kept. */
export const inBrowser: Kept = {
  read: async (attack, digest) => readKept(await get(PREFIX + attack).catch(() => null), attack, digest),
  write: (attack, digest, cells) => set(PREFIX + attack, { digest, cells }).catch(() => {}),
};

/** Nothing outlives the page: while one works on the engine its build has no name. */
export const nowhere: Kept = { read: async () => [], write: async () => {} };
