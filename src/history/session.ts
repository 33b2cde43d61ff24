import { sha256 } from '@noble/hashes/sha2.js';
import type { Progress } from '../engine/core/action';
import { toHex } from '../engine/core/bytes';
import type { MachineConfig } from '../engine/core/config';
import { type Outcome, type Rule, refuse } from '../engine/core/fault';
import type { Json } from '../engine/core/json';
import { type Comparison, compareChanges } from './compare';
import { ActionError, type Blobs, type Engine, type PerformedAction, type PowerOn } from './engine';
import { DEFAULT_BUDGET } from './journal';
import { type Cursor, Navigator, type Position } from './navigator';
import { type Running, Timeline } from './timeline';

const CANCELLED: Rule = {
  id: 'session.cancelled',
  says: 'An action that its user cancels is taken back completely.',
  source: 'SEVscope, src/history/session.ts',
  standing: 'modelled',
};

export interface SessionSetup<E> {
  readonly config: MachineConfig;
  readonly powerOn: PowerOn<E>;
  /** Files that the actions will name; `addBlob` adds more. */
  readonly blobs?: Blobs;
  /** Bytes that the journal keeps. */
  readonly budget?: number;
}

export interface Slicing {
  /** How long to work at a stretch, in the unit of `now`. */
  readonly budgetMs: number;
  readonly now: () => number;
  /** Resolves in a later macrotask, so that messages and a cancellation can arrive. */
  readonly pause: () => Promise<void>;
  readonly onProgress: (progress: Progress) => void;
  readonly cancelled: () => boolean;
}

/** What to restore when an action is taken back: the tail that it replaced, and where the cursor was. */
interface Before<A> {
  readonly tail: readonly PerformedAction<A>[];
  readonly cursor: Cursor;
}

/** The line that was left by `fork`. */
interface MainLine<A> {
  readonly actions: readonly PerformedAction<A>[];
  readonly cursor: Cursor;
}

/** A machine, all that was done to it, and a cursor that goes anywhere in it. */
export class Session<A, E extends Engine<A> = Engine<A>> extends Navigator<A, E> {
  readonly config: MachineConfig;
  private readonly files: Map<string, Uint8Array>;
  private main: MainLine<A> | null = null;
  /** While forked: how many of the main line's first actions this line still has. */
  private shared = 0;

  constructor(setup: SessionSetup<E>) {
    const files = new Map(setup.blobs);
    super(new Timeline<A, E>(setup.config, setup.powerOn, files, setup.budget ?? DEFAULT_BUDGET));
    this.config = setup.config;
    this.files = files;
  }

  get blobs(): Blobs {
    return this.files;
  }

  get forked(): boolean {
    return this.main !== null;
  }

  /** Keeps a copy of a file and returns its name, by which actions refer to it. */
  addBlob(bytes: Uint8Array): string {
    const name = toHex(sha256(bytes));
    if (!this.files.has(name)) this.files.set(name, bytes.slice());
    return name;
  }

  /** SHA-256 of everything that the machine holds at the cursor. */
  digest(): string {
    return this.timeline.digest();
  }

  /** Does the rest of a power-on; a cursor at its end stays at its end. */
  extendPowerOn(rest: (engine: E) => void): void {
    this.checkIdle();
    const { change } = this.cursor;
    const end = this.bootEnd;
    this.timeline.extendPowerOn(rest);
    this.restore({ change: change === end ? this.bootEnd : change, action: -1, frame: null });
  }

  /**
   * Performs an action to its end. A cursor inside an action first moves back to that action's start; later actions are
   * dropped. @throws ActionError when the handler breaks; then nothing has happened.
   */
  performNow(action: A): Outcome<Json> {
    const before = this.prepare();
    const running = this.timeline.begin(action);
    let step: IteratorResult<Progress, Outcome<Json>>;
    try {
      do step = running.steps.next();
      while (!step.done);
    } catch (cause) {
      this.takeBack(running, before);
      throw new ActionError(action, cause);
    }
    return this.finish(running, step.value);
  }

  /**
   * The same in slices, so that the caller stays responsive; nothing else may move meanwhile. When `cancelled` says so,
   * the session is exactly as before (but for what the journal may have forgotten) and the outcome is a fault of rule
   * `session.cancelled`.
   */
  async performSliced(action: A, slicing: Slicing): Promise<Outcome<Json>> {
    const before = this.prepare();
    const running = this.timeline.begin(action);
    this.busy = true;
    let outcome: Outcome<Json> | null;
    try {
      outcome = await drain(running, slicing);
    } catch (cause) {
      this.takeBack(running, before);
      throw new ActionError(action, cause);
    }
    if (outcome) return this.finish(running, outcome);
    this.takeBack(running, before);
    const message = 'You cancelled this action; the machine is as it was before.';
    return refuse(CANCELLED, 'refused', message, {}, 'Perform it again and let it finish.');
  }

  /** Marks a what-if: from here on the main line is remembered. Does nothing inside a what-if. */
  fork(): void {
    this.checkIdle();
    if (this.main) return;
    this.main = { actions: [...this.actions], cursor: this.cursor };
    this.shared = this.actions.length;
  }

  /** Leaves the what-if: the main line's actions, and the cursor where it was. Does nothing on the main line. */
  returnToMain(): Position {
    this.checkIdle();
    const main = this.main;
    if (!main) return this.position();
    this.timeline.cut(this.shared);
    this.timeline.actions.push(...main.actions.slice(this.shared));
    this.main = null;
    return this.restore(main.cursor);
  }

  /** What differs between the states after `a` and after `b` changes. @throws RangeError outside 0 … `length`. */
  compare(a: number, b: number): Comparison {
    this.checkIdle();
    for (const change of [a, b]) this.timeline.check(change);
    const comparison = compareChanges(this.timeline, a, b);
    this.settle();
    return comparison;
  }

  /** Looks at the machine at another moment, and comes back. @throws RangeError outside 0 … `length`. */
  visit<T>(change: number, look: (machine: E) => T): T {
    this.checkIdle();
    try {
      this.timeline.moveTo(change);
      return look(this.timeline.machine);
    } finally {
      this.settle();
    }
  }

  private prepare(): Before<A> {
    this.checkIdle();
    const { change, action } = this.cursor;
    const count = change < this.timeline.endOf(action) ? Math.max(action, 0) : action + 1;
    const before = { tail: this.actions.slice(count), cursor: this.cursor };
    this.timeline.cut(count);
    this.shared = Math.min(this.shared, count);
    return before;
  }

  private finish(running: Running<A>, outcome: Outcome<Json>): Outcome<Json> {
    this.busy = false;
    this.timeline.commit(running, outcome);
    this.cursor = { change: this.length, action: this.actions.length - 1, frame: null };
    return outcome;
  }

  private takeBack(running: Running<A>, before: Before<A>): void {
    this.busy = false;
    try {
      this.timeline.abandon(running);
    } finally {
      this.timeline.actions.push(...before.tail);
      this.restore(before.cursor);
    }
  }

  private restore(cursor: Cursor): Position {
    this.cursor = cursor;
    this.settle();
    return this.position();
  }
}

/** The outcome, or null when it was cancelled. */
async function drain<A>(running: Running<A>, slicing: Slicing): Promise<Outcome<Json> | null> {
  let until = slicing.now() + slicing.budgetMs;
  for (;;) {
    const step = running.steps.next();
    if (step.done) return step.value;
    if (slicing.cancelled()) return null;
    if (slicing.now() < until) continue;
    slicing.onProgress(step.value);
    await slicing.pause();
    if (slicing.cancelled()) return null;
    until = slicing.now() + slicing.budgetMs;
  }
}
