import type { State } from '../engine/core/state';
import type { Engine, PerformedAction } from './engine';
import type { Journal } from './journal';
import type { LoggedSpan, SpanLog } from './spanLog';
import { nextChild, previousChild } from './spanWalk';
import type { Timeline } from './timeline';

/** Where the state stands: `change` changes are in it. */
export interface Cursor {
  readonly change: number;
  /** The action that holds or ends at the cursor; -1 is the power-on. */
  readonly action: number;
  /** Id of the innermost span that the cursor is in, or null between actions. */
  readonly frame: number | null;
}

export interface Position {
  readonly change: number;
  readonly action: number;
  /** The spans that the cursor is in, innermost first. */
  readonly spans: readonly LoggedSpan[];
}

/**
 * The cursor on a timeline and a debugger's ways of moving it. `step` walks changes; `over`, `into` and `out` walk the
 * spans that have changes in them. A cursor at the first change of a span is in it only after `into`.
 */
export class Navigator<A, E extends Engine<A>> {
  protected readonly timeline: Timeline<A, E>;
  protected cursor: Cursor;
  /** An action is being performed in slices: nothing else may move. */
  protected busy = false;

  constructor(timeline: Timeline<A, E>) {
    this.timeline = timeline;
    this.cursor = { change: timeline.bootEnd, action: -1, frame: null };
  }

  /** Index after the last change of the line, kept or not. */
  get length(): number {
    return this.timeline.length;
  }

  /** An action is being performed in slices. */
  get performing(): boolean {
    return this.busy;
  }

  get bootEnd(): number {
    return this.timeline.bootEnd;
  }

  get actions(): readonly PerformedAction<A>[] {
    return this.timeline.actions;
  }

  /** The machine and its state are other objects after a seek below `journal.firstKept`: do not hold on to them. */
  get machine(): E {
    return this.timeline.machine;
  }

  get state(): State {
    return this.timeline.state;
  }

  /** For reading: changes from `firstKept` up to its `length`, and the spans. Another object after such a seek, too. */
  get journal(): Journal {
    return this.timeline.journal;
  }

  position(): Position {
    const path: LoggedSpan[] = [];
    let id = this.cursor.frame;
    while (id !== null) {
      const span = this.spans.get(id)!;
      path.push(span);
      id = span.parent;
    }
    return { change: this.cursor.change, action: this.cursor.action, spans: path };
  }

  /** @throws RangeError outside 0 … `length`. */
  seek(change: number): Position {
    return this.go(change);
  }

  /** @throws RangeError when there is no such action; -1 is the power-on. */
  seekAction(index: number, edge: 'start' | 'end'): Position {
    if (index < -1 || index >= this.actions.length) throw new RangeError(`no action ${index}`);
    this.go(edge === 'end' ? this.timeline.endOf(index) : this.startOf(index));
    this.cursor = { ...this.cursor, action: index };
    return this.position();
  }

  /** One change on or back; stays at the ends. */
  step(by: 1 | -1): Position {
    return this.go(Math.min(Math.max(this.cursor.change + by, 0), this.length));
  }

  /** To the end of the next span inside the current one, or of the current one; back: to the starts. */
  over(by: 1 | -1): Position {
    const { change } = this.cursor;
    if (change === (by > 0 ? this.length : 0)) return this.position();
    return this.go(by > 0 ? this.endOfNext(change) : this.startOfPrevious(change));
  }

  /** Into the span that begins here; where none does, one change on. */
  into(): Position {
    const { change } = this.cursor;
    if (change === this.length) return this.position();
    this.hold(change);
    const child = nextChild(this.spans, change, this.frame);
    if (child?.start !== change) return this.step(1);
    this.go(change);
    this.cursor = { change, action: child.action, frame: child.id };
    return this.position();
  }

  /** To the first change of a span, and into it, also where nothing changes inside. Null and no move when it is not kept. */
  enter(id: number): Position | null {
    const span = this.spans.get(id);
    if (!span) return null;
    this.go(span.start);
    this.cursor = { change: span.start, action: span.action, frame: id };
    return this.position();
  }

  /** To the end of the current span; between actions, nowhere. */
  out(): Position {
    return this.go(this.frame?.end ?? this.cursor.change);
  }

  /** To the next or previous place where something was refused; null and no move when there is none. */
  runToFault(by: 1 | -1): Position | null {
    const all = [...this.timeline.bootFaults, ...this.actions.flatMap((action) => action.faults)];
    const { change } = this.cursor;
    const target = by > 0 ? all.find((at) => at > change) : all.findLast((at) => at < change);
    return target === undefined ? null : this.go(target);
  }

  protected go(change: number): Position {
    this.checkIdle();
    this.timeline.moveTo(change);
    const action = change === this.length ? this.actions.length - 1 : this.actionOf(change - 1);
    this.cursor = { change, action, frame: this.spans.around(change)?.id ?? null };
    return this.position();
  }

  /** Brings machine and journal to the cursor again after somebody else moved them. */
  protected settle(): void {
    const { change, frame } = this.cursor;
    if (frame !== null) this.timeline.keep(change);
    this.timeline.moveTo(change);
  }

  /** @throws Error while an action is being performed in slices: a bug of the caller. */
  protected checkIdle(): void {
    if (this.busy) throw new Error('the session is performing an action');
  }

  private get spans(): SpanLog {
    return this.timeline.journal.spans;
  }

  private get frame(): LoggedSpan | null {
    return this.cursor.frame === null ? null : (this.spans.get(this.cursor.frame) ?? null);
  }

  private endOfNext(change: number): number {
    this.hold(change);
    const frame = this.frame;
    const limit = frame?.end ?? this.timeline.endOf(this.actionOf(change));
    const child = nextChild(this.spans, change, frame);
    return child && child.start < limit ? child.end : limit;
  }

  private startOfPrevious(change: number): number {
    this.hold(change - 1);
    const frame = this.frame?.start === change ? this.spans.around(change) : this.frame;
    const limit = frame?.start ?? this.startOf(this.actionOf(change - 1));
    const child = previousChild(this.spans, change, frame);
    return child && child.end > limit ? child.start : limit;
  }

  /** Brings a change's spans into the journal without moving. */
  private hold(change: number): void {
    this.checkIdle();
    this.timeline.keep(change);
    this.timeline.moveTo(this.cursor.change);
  }

  private startOf(action: number): number {
    return action < 0 ? 0 : this.actions[action]!.start;
  }

  /** The action that made change number `change`. */
  private actionOf(change: number): number {
    let [low, high] = [-1, this.actions.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.startOf(middle) <= change) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
