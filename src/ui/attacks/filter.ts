import type { LampName } from '../../engine/core/lamps';
import type { AttackCard, Power } from '../../worker/protocol';

/** Which attacks are shown; null: whatever it is. */
export interface Filter {
  readonly tier: 1 | 2 | null;
  readonly power: Power | null;
  readonly violates: LampName | null;
}

export const EVERYTHING: Filter = { tier: null, power: null, violates: null };

export const filtered = (
  cards: readonly AttackCard[],
  { tier, power, violates }: Filter,
): readonly AttackCard[] =>
  cards.filter(
    (card) =>
      (tier === null || card.tier === tier) &&
      (power === null || card.powers.includes(power)) &&
      (violates === null || card.violates.includes(violates)),
  );

/** What at least one of them has, each once, in the order of the words. */
export const occurring = <T extends string>(
  words: Readonly<Record<T, string>>,
  lists: readonly (readonly T[])[],
): readonly T[] => (Object.keys(words) as T[]).filter((word) => lists.some((list) => list.includes(word)));
