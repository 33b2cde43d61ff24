import type { Fault, Rule } from '../engine/core/fault';
import { PROMISED } from '../engine/core/lamps';
import { Player } from '../history/player';
import { type CheckName, checkOfRule } from '../scenario/checks';
import type { Address } from '../scenario/fields';
import { machineOf } from '../scenario/machine';
import { isFor } from '../scenario/meantFor';
import type { Scenario } from '../scenario/schema';
import { type Attempt, applicable, conclude, NOT_APPLICABLE } from './attempt';
import type { Side } from './side';
import { type Watched, watch } from './watch';

/** How one action of a step ended. */
export interface Deed {
  readonly type: string;
  /** Null: it went through. */
  readonly refused: Refused | null;
}

/** A refusal: the event, the rule, and the check of the literature that the rule is, if it is one. */
export interface Refused {
  readonly name: string;
  readonly rule: Rule;
  readonly message: string;
  readonly check: CheckName | null;
}

/** What a step came to on one machine. */
export interface SideStep {
  /** `absent`: this machine does not have the step. `stuck`: the script goes no further here. */
  readonly state: 'taken' | 'absent' | 'stuck';
  /** Why it was not taken. */
  readonly why: string;
  readonly deeds: readonly Deed[];
  /** Actions of the step that this machine does not have. */
  readonly missing: number;
  readonly aim: {
    readonly says: string;
    readonly reached: boolean;
    readonly shown: string;
    readonly unless: CheckName | null;
  } | null;
  /** Promised properties that are broken, with the proof. */
  readonly broken: readonly { readonly name: (typeof PROMISED)[number]; readonly says: string }[];
  readonly watched: Watched | null;
}

/** One machine that follows the script of a comparison. */
export class LockstepSide {
  /** Null: what is attacked does not exist on this technology, and nothing is played. */
  readonly player: Player | null;
  private readonly scenario: Scenario;
  /** The expression that the last step with one wants to be looked at. */
  private place: Address | undefined;
  private stuck = false;

  /** Powers the machine on. */
  constructor(scenario: Scenario, side: Side) {
    const { technology, mitigation } = side;
    this.scenario = scenario;
    const other = { ...side, generation: side.generation ?? undefined, without: side.without ?? undefined };
    this.player =
      scenario.attack && !applicable(scenario, technology)
        ? null
        : Player.start(machineOf(scenario, other), scenario, { mitigation });
  }

  /** Takes the step that follows; `number` counts from 1. */
  take(number: number): SideStep {
    const step = this.scenario.steps[number - 1];
    if (!step) throw new RangeError(`there is no step ${number}`);
    this.place = step.view?.page ?? this.place;
    const { player } = this;
    if (!player) return this.untaken('absent', 'What is attacked does not exist on this machine.');
    if (this.stuck) return this.untaken('stuck', 'The script stopped before.');
    const taken = player.goToStep(number);
    if (!taken.ok) {
      this.stuck = true;
      return this.untaken('stuck', taken.message);
    }
    if (!isFor(step, player.session.config.technology))
      return this.untaken('absent', 'This step is not applicable to this machine.');
    const deeds = player.actionsOf(number).map(({ action, outcome }) => ({
      type: action.type,
      refused: outcome.ok ? null : refusedBy(outcome.fault),
    }));
    const aim = player.aim(number);
    return {
      ...this.seen(),
      state: 'taken',
      why: '',
      deeds,
      missing: (step.do?.length ?? 0) - deeds.length,
      aim:
        aim && step.aim
          ? { says: step.aim.says, reached: aim.reached, shown: aim.says, unless: step.aim.unless ?? null }
          : null,
    };
  }

  /** What it came to, once the last step was taken; null where the script got stuck, or is no attack. */
  outcome(): Attempt | null {
    const { player, stuck, scenario } = this;
    if (!scenario.attack || stuck) return null;
    return player ? conclude(player) : NOT_APPLICABLE;
  }

  private untaken(state: 'absent' | 'stuck', why: string): SideStep {
    return { ...this.seen(), state, why, deeds: [], missing: 0, aim: null };
  }

  private seen(): Pick<SideStep, 'broken' | 'watched'> {
    const { player, place } = this;
    if (!player) return { broken: [], watched: null };
    const { session } = player;
    const lamps = player.lamps.at(session.position().change);
    return {
      broken: PROMISED.flatMap((name) => {
        const lamp = lamps.find((each) => each.name === name);
        return lamp?.violated ? [{ name, says: lamp.evidence?.sentence ?? '' }] : [];
      }),
      watched: place === undefined ? null : watch(session.machine, place),
    };
  }
}

const refusedBy = ({ name, rule, message }: Fault): Refused => ({
  name,
  rule,
  message,
  check: checkOfRule(rule.id, name),
});
