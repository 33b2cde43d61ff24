import type { Action } from '../engine/actions';
import type { Json } from '../engine/core/json';
import type { PerformedAction } from '../history/engine';
import { Player } from '../history/player';
import { machineOf } from '../scenario/machine';
import type { RunArgs } from './scenarios';

/** What one step came to: a line of `run --json`. */
export interface StepReport {
  readonly step: number;
  readonly title: string;
  readonly actions: readonly Action[];
  /** One for each action: its result, or the fault that it met. */
  readonly outcomes: readonly (
    | { readonly ok: true; readonly result: Json }
    | { readonly ok: false; readonly fault: FaultReport }
  )[];
  readonly faults: readonly FaultReport[];
  readonly properties: Readonly<
    Record<string, { readonly violated: boolean; readonly because: string | null }>
  >;
  /** The question before the step and the answer that came true. */
  readonly predict: { readonly ask: string; readonly answer: string | null; readonly because: string } | null;
  /** SHA-256 of all that the machine holds after the step. */
  readonly digest: string;
  /** A sentence for each expectation that does not hold. */
  readonly failures: readonly string[];
  /** A sentence for each expectation that is meant for another technology than the machine has. */
  readonly elsewhere: readonly string[];
}

export interface FaultReport {
  readonly name: string;
  readonly rule: string;
  readonly source: string;
  readonly message: string;
}

/** Plays a scenario from the first step to the last, or to the one that cannot be done. */
export function* play({ scenario, other }: Pick<RunArgs, 'scenario' | 'other'>): Generator<StepReport> {
  const player = Player.start(machineOf(scenario, other), scenario, { mitigation: other.mitigation });
  for (let step = 1; step <= scenario.steps.length; step++) {
    const taken = player.goToStep(step);
    yield report(player, step, taken.ok ? [] : [taken.message]);
    if (!taken.ok) return;
  }
}

function report(player: Player, step: number, broken: readonly string[]): StepReport {
  const { title, predict } = player.steps[step - 1]!;
  const { session } = player;
  const done =
    broken.length > 0 ? session.actions.slice(player.actionCount(step - 1)) : player.actionsOf(step);
  const outcomes = done.map(outcomeOf);
  const answer = player.answer(step);
  const lamps = player.lamps.at(session.length);
  return {
    step,
    title,
    actions: done.map(({ action }) => action),
    outcomes,
    faults: outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.fault])),
    properties: Object.fromEntries(
      lamps.map(({ name, violated, evidence }) => [name, { violated, because: evidence?.sentence ?? null }]),
    ),
    predict: predict
      ? {
          ask: predict.ask,
          answer: predict.options[answer.right ?? -1]?.say ?? null,
          because: answer.because,
        }
      : null,
    digest: session.digest(),
    failures: [...broken, ...player.failures(step)],
    elsewhere: player.elsewhere(step),
  };
}

function outcomeOf({ outcome }: PerformedAction<Action>): StepReport['outcomes'][number] {
  if (outcome.ok) return { ok: true, result: outcome.value };
  const { name, rule, message } = outcome.fault;
  return { ok: false, fault: { name, rule: rule.id, source: rule.source, message } };
}
