import { LAMP_NAMES, type LampName } from '../engine/core/lamps';
import { Availability } from '../engine/properties/availability';
import { Confidentiality } from '../engine/properties/confidentiality';
import { ControlFlow } from '../engine/properties/controlFlow';
import { Freshness } from '../engine/properties/freshness';
import { Integrity } from '../engine/properties/integrity';
import type { Monitor, Violation } from '../engine/properties/observation';
import type { Engine, PerformedAction } from './engine';
import type { Session } from './session';

/** A property at a moment: still whole, or broken since, with the proof. */
export interface LampReading {
  readonly name: LampName;
  readonly violated: boolean;
  /** `change`: the cursor's first position at which the property is broken. */
  readonly evidence: { readonly change: number; readonly action: number; readonly sentence: string } | null;
}

const MONITORS: Readonly<Record<LampName, () => Monitor>> = {
  confidentiality: () => new Confidentiality(),
  integrity: () => new Integrity(),
  freshness: () => new Freshness(),
  controlflow: () => new ControlFlow(),
  availability: () => new Availability(),
};

/**
 * The properties, folded over the changes of a session as they are recorded. Each action is folded once; when the line
 * was cut behind something that is folded already, all is folded again from the start.
 */
export class Lamps<A, E extends Engine<A>> {
  private readonly session: Session<A, E>;
  private monitors = freshMonitors();
  /** What is folded: the power-on when `folded` is not null, and these actions. */
  private folded: PerformedAction<A>[] | null = null;

  constructor(session: Session<A, E>) {
    this.session = session;
    this.follow();
  }

  /** The lamps at a position of the cursor; while an action is being performed, without what it has recorded so far. */
  at(cursor: number): LampReading[] {
    if (!this.session.performing) this.follow();
    return LAMP_NAMES.map((name) => {
      const [violation] = this.monitors[name].violations;
      if (!violation || violation.change >= cursor) return { name, violated: false, evidence: null };
      const { change, sentence } = violation;
      return {
        name,
        violated: true,
        evidence: { change: change + 1, action: this.actionOf(change), sentence },
      };
    });
  }

  /** Everything that breaks a property up to a position of the cursor, in order. */
  violations(name: LampName, cursor: number): readonly Violation[] {
    if (!this.session.performing) this.follow();
    return this.monitors[name].violations.filter(({ change }) => change < cursor);
  }

  /** Folds what was recorded since. */
  private follow(): void {
    const { actions, bootEnd } = this.session;
    if (this.folded?.some((action, n) => action !== actions[n])) {
      this.monitors = freshMonitors();
      this.folded = null;
    }
    if (this.folded && this.folded.length === actions.length) return;
    const before = this.session.position();
    const moved = this.foldMissing(actions, bootEnd);
    if (!moved) return;
    const atEnd = before.change === (actions[before.action]?.end ?? bootEnd);
    if (atEnd) this.session.seekAction(before.action, 'end');
    else this.session.seek(before.change);
  }

  /** @returns whether the session's cursor had to move: its journal held less than what was missing. */
  private foldMissing(actions: readonly PerformedAction<A>[], bootEnd: number): boolean {
    let moved = false;
    if (!this.folded) {
      moved = this.foldRange(0, bootEnd) || moved;
      this.folded = [];
    }
    for (const action of actions.slice(this.folded.length)) {
      moved = this.foldRange(action.start, action.end) || moved;
      this.folded.push(action);
    }
    return moved;
  }

  private foldRange(from: number, to: number): boolean {
    const kept = from >= this.session.journal.firstKept && to <= this.session.journal.length;
    if (!kept) {
      this.session.seek(from);
      this.session.seek(to);
    }
    const { journal } = this.session;
    for (let index = from; index < to; index++) {
      const change = journal.at(index);
      if (change.store === 'fact' || change.store === 'page')
        for (const name of LAMP_NAMES) this.monitors[name].fold(change, index);
    }
    return !kept;
  }

  private actionOf(change: number): number {
    return this.session.actions.findIndex(({ start, end }) => change >= start && change < end);
  }
}

const freshMonitors = (): Record<LampName, Monitor> =>
  Object.fromEntries(LAMP_NAMES.map((name) => [name, MONITORS[name]()])) as Record<LampName, Monitor>;
