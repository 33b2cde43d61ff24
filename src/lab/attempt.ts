import type { FactChange } from '../engine/core/change';
import type { Technology } from '../engine/core/config';
import { TECHNOLOGIES } from '../engine/core/config';
import type { LampName } from '../engine/core/lamps';
import { Player } from '../history/player';
import { type CheckName, checkOfRule } from '../scenario/checks';
import { machineOf } from '../scenario/machine';
import type { Scenario } from '../scenario/schema';
import { mitigationOf } from '../scenario/variant';

/** On which machine an attack is tried: a technology, and a switch of the attack or none. */
export interface Variant {
  readonly technology: Technology;
  readonly mitigation: string | null;
}

/** `works`: all aims are reached. `partial`: some. `blocked`: none. `n/a`: what is attacked does not exist here. */
export type OutcomeWord = 'works' | 'partial' | 'blocked' | 'n/a';

/** What an attack came to on one machine. */
export interface Attempt {
  readonly outcome: OutcomeWord;
  /** The check that stopped it, or stopped the part that failed; null where nothing did. */
  readonly check: CheckName | null;
  /** The engine’s rule that refused; null where nothing was refused. */
  readonly rule: string | null;
  /** Number of the step at which that shows: the first aim that failed, or the first that was reached. Counts from 1. */
  readonly step: number | null;
  /** One sentence of what the machine shows there. */
  readonly says: string;
  /** The lamps that are red at the end. */
  readonly lamps: readonly LampName[];
}

export const NOT_APPLICABLE: Attempt = {
  outcome: 'n/a',
  check: null,
  rule: null,
  step: null,
  says: 'What is attacked does not exist here.',
  lamps: [],
};

/** Is there anything to attack on this technology? */
export const applicable = ({ attack }: Scenario, technology: Technology): boolean =>
  TECHNOLOGIES.indexOf(technology) >= TECHNOLOGIES.indexOf(attack?.from ?? 'sme');

/**
 * Plays an attack on one machine; yields after each step, so that a caller may pause or stop.
 * @throws Error when a step cannot be done: a mistake in the script.
 */
export function* attempt(scenario: Scenario, variant: Variant): Generator<number, Attempt> {
  if (!applicable(scenario, variant.technology)) return NOT_APPLICABLE;
  const player = Player.start(machineOf(scenario, variant), scenario, { mitigation: variant.mitigation });
  for (let step = 1; step <= player.steps.length; step++) {
    const taken = player.goToStep(step);
    if (!taken.ok) throw new Error(`${variant.technology}: ${taken.message}`);
    yield step;
  }
  return conclude(player);
}

/** What the aims of a script that was played to its end came to. */
export function conclude(player: Player): Attempt {
  const aims = player.steps.flatMap((_, i) => {
    const reached = player.aim(i + 1);
    return reached ? [{ step: i + 1, ...reached }] : [];
  });
  const failed = aims.find(({ reached }) => !reached);
  const reached = aims.find((each) => each.reached);
  const shown = failed ?? reached;
  const refusal = failed
    ? deciding(player, aims.findLast(({ step }) => step < failed.step)?.step ?? 0, failed.step)
    : null;
  return {
    outcome: !failed ? 'works' : reached ? 'partial' : 'blocked',
    check: failed
      ? (refusal?.check ?? addedBy(player) ?? player.steps[failed.step - 1]?.aim?.unless ?? null)
      : null,
    rule: refusal?.rule ?? null,
    step: shown?.step ?? null,
    says: shown?.says ?? '',
    lamps: player.lamps.at(player.session.length).flatMap(({ name, violated }) => (violated ? [name] : [])),
  };
}

/** The check that the switch adds with which this was played. */
const addedBy = ({ scenario, mitigation }: Player): CheckName | null =>
  (scenario && mitigation !== null && mitigationOf(scenario, mitigation)?.check) || null;

/** What a refusal is called: a fault, or a status of the firmware; null for anything else. */
function refusedBy({ what, data: { name, status } }: FactChange): string | null {
  if (what === 'fault') return String(name);
  return what === 'check' && typeof status === 'string' && status !== 'SUCCESS' ? status : null;
}

interface Refusal {
  readonly rule: string;
  readonly check: CheckName | null;
}

/** Of the refusals after one step up to the end of another: that by the check which the switch adds, else the first by a named one, else the last. */
function deciding(player: Player, after: number, until: number): Refusal | null {
  const all = refusals(player, player.endOfStep(after), player.endOfStep(until));
  const added = addedBy(player);
  const named = all.filter(({ check }) => check);
  return named.find(({ check }) => check === added) ?? named[0] ?? all.at(-1) ?? null;
}

function refusals({ session: { journal } }: Player, from: number, to: number): Refusal[] {
  const all: Refusal[] = [];
  for (let index = Math.max(from, journal.firstKept); index < to; index++) {
    const change = journal.at(index);
    if (change.store !== 'fact' || !change.rule) continue;
    const event = refusedBy(change);
    if (event !== null) all.push({ rule: change.rule.id, check: checkOfRule(change.rule.id, event) });
  }
  return all;
}
