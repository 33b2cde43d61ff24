import type { Action } from '../engine/actions';
import type { MachineConfig } from '../engine/core/config';
import { hands } from '../engine/hands';
import { Machine } from '../engine/machine';
import type { OwnPicture } from '../scenario/ownPicture';
import { resolveAction } from '../scenario/resolve';
import type { Scenario, ScenarioAction, Step } from '../scenario/schema';
import { actionsOn } from '../scenario/variant';
import type { PerformedAction, PowerOn } from './engine';
import { Lamps } from './lamps';
import { placeCursor, type SavedSession } from './saved';
import { Session, type Slicing } from './session';
import { type Reached, recordStep, type StepRecord, type StepView } from './stepRecord';

/** Builds the real machine for a session. */
export const powerOn: PowerOn<Machine> = (config, recorder, blobs) =>
  new Machine(config, recorder, blobs, hands);

/** How a script is followed: with the visitor's picture, with a switch of its attack. */
export interface Following {
  readonly picture?: OwnPicture | null | undefined;
  readonly mitigation?: string | null | undefined;
}

/** Which option of a step's question came true, and why; null while the step has not been taken. */
export interface Answer {
  readonly right: number | null;
  readonly because: string;
}

/** How a step of the script ended. The machine stands where it got to. */
export type StepResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly step: number; readonly message: string };

/** An action of the script that could not be done; `action` counts from 1 within its step. */
export interface Stuck {
  readonly step: number;
  readonly action: number;
  readonly message: string;
}

const UNTAKEN: Answer = { right: null, because: '' };

/**
 * A session that may follow a script. The steps done are read off the line of actions: as far as it is the script's own.
 * Own actions behind that are a stray; going on with the script drops them.
 */
export class Player {
  readonly session: Session<Action, Machine>;
  readonly scenario: Scenario | null;
  readonly lamps: Lamps<Action, Machine>;
  /** The visitor's picture, which the script's actions load instead of their own. */
  readonly picture: (OwnPicture & { readonly blob: string }) | null;
  /** The switch of the script's attack that is on. */
  readonly mitigation: string | null;
  /** The script's actions with their expressions resolved, as far as they were ever reached, as canonical text. */
  private readonly plan: string[] = [];
  private readonly taken: StepRecord[] = [];
  /** Steps done, where steps without actions leave the position open. */
  private pointer = 0;
  private stuckAt: Stuck | null = null;

  constructor(
    session: Session<Action, Machine>,
    scenario: Scenario | null = null,
    { picture = null, mitigation = null }: Following = {},
  ) {
    this.session = session;
    this.scenario = scenario;
    this.mitigation = mitigation;
    this.picture = picture && { ...picture, blob: session.addBlob(picture.bytes) };
    this.lamps = new Lamps(session);
  }

  /** Powers a machine on for a scenario, before its first step; or for free play. */
  static start(config: MachineConfig, scenario: Scenario | null = null, how: Following = {}): Player {
    return new Player(new Session<Action, Machine>({ config, powerOn }), scenario, how);
  }

  /**
   * Goes on with a script in a saved session: takes its steps as long as they do what was done, performs the rest as the
   * visitor's own. @throws ActionError when an action's handler breaks.
   */
  static resume(
    saved: SavedSession<Action>,
    scenario: Scenario,
    { steps, ...how }: Following & { readonly steps: number },
  ): Player {
    const session = new Session<Action, Machine>({ config: saved.config, powerOn, blobs: saved.blobs });
    const player = new Player(session, scenario, how);
    player.retake(saved.actions);
    placeCursor(session, saved.cursor);
    player.pointer = steps;
    return player;
  }

  get steps(): readonly Step[] {
    return this.scenario?.steps ?? [];
  }

  /** Steps of the script that are done at the cursor. */
  get stepsDone(): number {
    const { change } = this.session.position();
    const { actions } = this.session;
    const ours = this.ownLength();
    let count = 0;
    while (count < ours && actions[count]!.end <= change) count++;
    const ends = [0, ...this.taken.map(({ end }) => end)];
    const last = ends.findLastIndex((end) => end <= count);
    const first = ends.indexOf(ends[last]!);
    return Math.min(Math.max(this.pointer, first), last);
  }

  /** The action at which the script was last found to go no further; null again when its step has been taken. */
  get stuck(): Stuck | null {
    return this.stuckAt;
  }

  /** Actions follow that the script does not have. */
  get strayed(): boolean {
    return this.scenario !== null && this.session.actions.length > this.ownLength();
  }

  /** Takes the step behind the cursor's. At the end of the script it does nothing. */
  next(): StepResult {
    return this.goToStep(Math.min(this.stepsDone + 1, this.steps.length));
  }

  /** Goes to the end of a step: back to it when it was taken and still stands, otherwise by taking what is missing. */
  goToStep(step: number): StepResult {
    if (!Number.isInteger(step) || step < 0 || step > this.steps.length) {
      return { ok: false, step, message: `There is no step ${step}: the scenario has ${this.steps.length}.` };
    }
    for (let n = this.seekNearest(step) + 1; n <= step; n++) {
      const taken = this.take(n);
      if (!taken.ok) return taken;
    }
    return { ok: true };
  }

  /** The same in slices, told of by the steps that are done. When it is cancelled, it stops where it got to. */
  async goToStepSliced(step: number, slicing: Slicing): Promise<StepResult> {
    let until = slicing.now() + slicing.budgetMs;
    for (let n = this.seekNearest(step) + 1; n <= step; n++) {
      const tell: Slicing['onProgress'] = ({ done, total }) =>
        slicing.onProgress({ done: n - 1 + (total > 0 ? done / total : 0), total: step });
      const taking = this.taking(n);
      let next = taking.next();
      while (!next.done) {
        await this.session.performSliced(next.value, { ...slicing, onProgress: tell });
        if (slicing.now() >= until) {
          tell({ done: 0, total: 1 });
          await slicing.pause();
          until = slicing.now() + slicing.budgetMs;
        }
        if (slicing.cancelled()) return { ok: false, step: n, message: 'It was cancelled.' };
        next = taking.next();
      }
      if (!next.value.ok) return next.value;
    }
    return { ok: true };
  }

  /** Which option of the question before a step came true. */
  answer(step: number): Answer {
    const answers = this.taken[step - 1]?.answers;
    if (!answers || !this.isDone(step)) return UNTAKEN;
    return { right: answers[0]?.index ?? null, because: answers[0]?.because ?? '' };
  }

  /** What did not hold after a step, and a question that did not have exactly one right answer; empty before it is taken. */
  failures(step: number): readonly string[] {
    return this.taken[step - 1]?.failures ?? [];
  }

  /** What a step claims of another technology than this machine's, and how it is here; empty before it is taken. */
  elsewhere(step: number): readonly string[] {
    return this.taken[step - 1]?.elsewhere ?? [];
  }

  /** Whether what the attacker wanted after a step was reached; null where it wants nothing, or before it is taken. */
  aim(step: number): Reached | null {
    return this.taken[step - 1]?.aim ?? null;
  }

  /** Where a step that was taken wants to be looked at. */
  view(step: number): StepView | null {
    return this.taken[step - 1]?.view ?? null;
  }

  /** What was performed in a step that was taken. */
  actionsOf(step: number): readonly PerformedAction<Action>[] {
    return this.session.actions.slice(this.actionCount(step - 1), this.actionCount(step));
  }

  /** How many actions the script has up to the end of a step that was taken. */
  actionCount(step: number): number {
    return this.taken[step - 1]?.end ?? 0;
  }

  /** The change behind which a step that was taken is done; 0 names the power-on. */
  endOfStep(step: number): number {
    const end = this.taken[step - 1]?.end ?? 0;
    return end === 0 ? this.session.bootEnd : this.session.actions[end - 1]!.end;
  }

  private isDone(step: number): boolean {
    return (this.taken[step - 1]?.end ?? Number.POSITIVE_INFINITY) <= this.ownLength();
  }

  /** On the machine that the scenario names for itself, with no switch on. */
  private get atHome(): boolean {
    const own = this.scenario?.machine?.technology;
    return this.mitigation === null && (own === undefined || own === this.session.config.technology);
  }

  /** How many of the line's first actions are the script's. */
  private ownLength(): number {
    const { actions } = this.session;
    const known = Math.min(actions.length, this.plan.length);
    for (let n = 0; n < known; n++) if (textOf(actions[n]!.action) !== this.plan[n]) return n;
    return known;
  }

  private retake(actions: readonly Action[]): void {
    let step = 0;
    while (step < this.steps.length && this.retakeStep(step + 1, actions)) step++;
    const end = this.actionCount(step);
    this.session.seekAction(end - 1, 'end');
    for (const action of actions.slice(end)) this.session.performNow(action);
  }

  /** Takes the next step if there are as many actions for it; true if it did what they say. */
  private retakeStep(number: number, actions: readonly Action[]): boolean {
    const start = this.actionCount(number - 1);
    const end = start + this.scriptOf(number).length;
    if (end > actions.length || !this.take(number).ok) return false;
    return actions.slice(start, end).every((action, n) => textOf(action) === this.plan[start + n]);
  }

  /** Goes as near to a step as needs nothing to be taken; the step it got to. */
  private seekNearest(step: number): number {
    const standing = this.taken.findLastIndex(({ end }) => end <= this.ownLength()) + 1;
    const nearest = Math.min(step, standing);
    this.seekStep(nearest);
    return nearest;
  }

  private seekStep(step: number): void {
    const end = step === 0 ? 0 : this.taken[step - 1]!.end;
    this.session.seekAction(end - 1, 'end');
    this.pointer = step;
  }

  /** What a step does on this machine. */
  private scriptOf(number: number): ScenarioAction[] {
    const step = this.steps[number - 1];
    const { technology } = this.session.config;
    return this.scenario && step ? actionsOn(this.scenario, step, technology, this.mitigation) : [];
  }

  private take(number: number): StepResult {
    const taking = this.taking(number);
    let next = taking.next();
    while (!next.done) {
      this.session.performNow(next.value);
      next = taking.next();
    }
    return next.value;
  }

  /** The actions of a step, each to be performed before the next is asked for. */
  private *taking(number: number): Generator<Action, StepResult> {
    const step = this.steps[number - 1]!;
    const before = this.session.position().change;
    const start = this.taken[number - 2]?.end ?? 0;
    const actions = this.scriptOf(number);
    for (const [i, action] of actions.entries()) {
      const { machine } = this.session;
      const ready = resolveAction(machine, action, (bytes) => this.session.addBlob(bytes), this.picture);
      if (!ready.ok) {
        this.stuckAt = { step: number, action: i + 1, message: ready.message };
        return { ok: false, step: number, message: `Step ${number}, action ${i + 1}: ${ready.message}` };
      }
      this.plan[start + i] = textOf(ready.value);
      yield ready.value;
    }
    if (this.stuckAt?.step === number) this.stuckAt = null;
    this.taken[number - 1] = recordStep(this.session, this.lamps, step, {
      before,
      end: start + actions.length,
      count: actions.length,
      home: this.atHome,
    });
    this.pointer = number;
    return { ok: true };
  }
}

const texts = new WeakMap<Action, string>();

/** An action as text, for comparing; fields in the order of their names. */
function textOf(action: Action): string {
  let text = texts.get(action);
  if (text === undefined) {
    text = JSON.stringify(Object.entries(action).sort(([a], [b]) => (a < b ? -1 : 1)));
    texts.set(action, text);
  }
  return text;
}
