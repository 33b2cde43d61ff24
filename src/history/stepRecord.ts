import type { Action } from '../engine/actions';
import { pfnOf } from '../engine/core/address';
import type { FactChange } from '../engine/core/change';
import type { Machine } from '../engine/machine';
import { holding, judge, trueOptions } from '../scenario/expect';
import { isFor } from '../scenario/meantFor';
import type { Moment } from '../scenario/moment';
import { resolvePlace, resolveSpa } from '../scenario/resolve';
import type { Step } from '../scenario/schema';
import type { Lamps } from './lamps';
import type { Session } from './session';

/** A script's own idea of where to look, with its address resolved to a page frame number. */
export interface StepView {
  readonly tab: string | null;
  readonly page: number | null;
  readonly eye: string | null;
}

/** How an attacker's aim fared, with a sentence of what the machine shows about it. */
export interface Reached {
  readonly reached: boolean;
  readonly says: string;
}

/** What a step came to when it was first taken. It comes to the same whenever it is taken again. */
export interface StepRecord {
  /** How many of the line's first actions are the script's after it. */
  readonly end: number;
  /** The options of its question that came true; exactly one, in a good question. */
  readonly answers: readonly { readonly index: number; readonly because: string }[];
  readonly failures: readonly string[];
  /** What the script claims of another technology than this machine's. */
  readonly elsewhere: readonly string[];
  readonly aim: Reached | null;
  readonly view: StepView | null;
}

/**
 * Judges a step right after it was taken, at the cursor. `before`: the change at which it began; `count`: how many actions it
 * had here; `home`: this is the machine that its scenario names for itself, with no switch on.
 */
export function recordStep(
  session: Session<Action, Machine>,
  lamps: Lamps<Action, Machine>,
  step: Step,
  { before, end, count, home }: { before: number; end: number; count: number; home: boolean },
): StepRecord {
  const now = session.position().change;
  const moment: Moment = {
    platform: session.machine,
    outcome: count > 0 ? (session.actions[end - 1]?.outcome ?? null) : null,
    lamps: lamps.at(now),
    facts: factsBetween(session, before, now),
    calls: callsBetween(session, before, now),
  };
  const answers = trueOptions(moment, step);
  const meant = isFor(step, session.config.technology);
  const { failures, elsewhere } = meant ? judge(moment, step, home) : { failures: [], elsewhere: [] };
  const question =
    meant && step.predict && answers.length !== 1 ? [`the question has ${answers.length} right answers`] : [];
  return {
    end,
    answers,
    failures: [...failures, ...(home ? question : [])],
    elsewhere: [...elsewhere, ...(home ? [] : question)],
    aim: step.aim && meant ? holding(moment, [step.aim.when].flat()) : null,
    view: viewOf(session, step),
  };
}

function factsBetween({ journal }: Session<Action, Machine>, from: number, to: number): FactChange[] {
  const facts: FactChange[] = [];
  for (let index = Math.max(from, journal.firstKept); index < to; index++) {
    const change = journal.at(index);
    if (change.store === 'fact') facts.push(change);
  }
  return facts;
}

function callsBetween({ journal: { spans } }: Session<Action, Machine>, from: number, to: number): string[] {
  const names: string[] = [];
  for (let id = spans.lowerBound(from); id < spans.end; id++) {
    const span = spans.get(id);
    if (!span || span.start >= to) break;
    names.push(span.name);
  }
  return names;
}

function viewOf({ machine }: Session<Action, Machine>, { view }: Step): StepView | null {
  if (!view) return null;
  const place = view.page === undefined ? null : resolvePlace(machine, view.page);
  const spa = place?.ok ? resolveSpa(machine, place.value) : null;
  return { tab: view.tab ?? null, page: spa?.ok ? pfnOf(spa.value) : null, eye: view.eye ?? null };
}
