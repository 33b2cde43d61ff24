import type { Technology } from '../engine/core/config';
import type { LampName } from '../engine/core/lamps';
import type { Power } from './attack';
import cards from './attacks/cards.json';
import { cardOf, type ScenarioCard } from './cards';
import type { Scenario } from './schema';

/** What the catalogue and the matrix show of an attack before it is loaded. */
export interface AttackCard extends ScenarioCard {
  readonly tier: 1 | 2;
  readonly year: number;
  readonly powers: readonly Power[];
  readonly violates: readonly LampName[];
  /** The first technology that has what is attacked. */
  readonly from: Technology;
  readonly cve: readonly string[];
  readonly mitigations: readonly { readonly id: string; readonly says: string }[];
}

/** Cards of the attacks, in their order. Made from the files; `attackCards.test.ts` says when they are out of date. */
export const ATTACK_CARDS = cards as readonly AttackCard[];

/** The card of an attack; null for a scenario that is none. */
export function attackCardOf(id: string, scenario: Scenario, technology: Technology): AttackCard | null {
  const { attack } = scenario;
  if (!attack) return null;
  const { tier, year, powers, violates, from = 'sme', cve = [], mitigations = [] } = attack;
  return {
    ...cardOf(id, scenario, technology),
    tier,
    year,
    powers,
    violates,
    from,
    cve,
    mitigations: mitigations.map(({ id: name, says }) => ({ id: name, says })),
  };
}
