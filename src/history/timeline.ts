import type { Progress } from '../engine/core/action';
import type { MachineConfig } from '../engine/core/config';
import type { Outcome } from '../engine/core/fault';
import type { Json } from '../engine/core/json';
import type { State } from '../engine/core/state';
import { StateDigest } from './digest';
import { ActionError, type Blobs, type Engine, type PerformedAction, type PowerOn } from './engine';
import { Journal } from './journal';

/** An action on its way: drain `steps`, then `commit`; or `abandon` it. */
export interface Running<A> {
  readonly action: A;
  readonly start: number;
  readonly steps: Generator<Progress, Outcome<Json>>;
}

/**
 * One line of actions and the machine that performed them. The journal is a window on the line: what it has forgotten,
 * or not yet seen after a rebuild, is made again by performing the same actions, which give the same changes.
 */
export class Timeline<A, E extends Engine<A>> {
  readonly config: MachineConfig;
  /** Changes 0 up to here are the power-on. */
  bootEnd: number;
  bootFaults: readonly number[];
  actions: PerformedAction<A>[] = [];
  private readonly powerOn: PowerOn<E>;
  private readonly blobs: Blobs;
  private readonly budget: number;
  private engine: E;
  private log: Journal;
  private digester: StateDigest;
  /** Changes that the state has in it now. */
  private at: number;

  constructor(config: MachineConfig, powerOn: PowerOn<E>, blobs: Blobs, budget: number) {
    this.config = config;
    this.powerOn = powerOn;
    this.blobs = blobs;
    this.budget = budget;
    [this.engine, this.log, this.digester] = this.build();
    this.at = this.log.length;
    this.bootEnd = this.log.length;
    this.bootFaults = this.log.spans.faultsOf(-1);
  }

  /** The rest of a power-on of which only the first half could be done. @throws Error when an action has been performed. */
  extendPowerOn(rest: (engine: E) => void): void {
    if (this.actions.length > 0) throw new Error('the power-on is over');
    this.moveTo(this.length);
    rest(this.engine);
    this.at = this.log.length;
    this.bootEnd = this.log.length;
    this.bootFaults = this.log.spans.faultsOf(-1);
  }

  get state(): State {
    return this.engine.state;
  }

  get machine(): E {
    return this.engine;
  }

  get journal(): Journal {
    return this.log;
  }

  /** Index after the last change of the last action, whether the journal holds it or not. */
  get length(): number {
    return this.actions.at(-1)?.end ?? this.bootEnd;
  }

  /** Index after the last change of action `n`; -1 is the power-on. */
  endOf(n: number): number {
    return n < 0 ? this.bootEnd : this.actions[n]!.end;
  }

  digest(): string {
    return this.digester.hex();
  }

  /** @throws RangeError outside 0 … length. */
  check(change: number): void {
    if (!Number.isInteger(change) || change < 0 || change > this.length) {
      throw new RangeError(`no change ${change}: there are ${this.length}`);
    }
  }

  /** Brings the state to `change`. @throws RangeError outside 0 … length. */
  moveTo(change: number): void {
    this.check(change);
    if (change < this.log.firstKept) this.rebuild();
    while (change > this.log.length) this.replayNext();
    this.walk(change);
  }

  /** Brings change number `change` into the journal; the state is somewhere afterwards, so `moveTo` follows. */
  keep(change: number): void {
    if (change < this.log.firstKept) this.rebuild();
    while (change >= this.log.length) this.replayNext();
  }

  /** Drops the actions from number `count` on, and moves to the end of what is left. */
  cut(count: number): void {
    if (count < this.log.firstAction) this.rebuild();
    this.moveTo(this.endOf(count - 1));
    if (this.log.nextAction > count) this.log.truncate(count);
    this.actions.length = count;
  }

  /** Starts an action behind the last one. */
  begin(action: A): Running<A> {
    this.moveTo(this.length);
    while (this.log.nextAction < this.actions.length) this.replayNext();
    const steps = this.engine.perform(action);
    this.log.beginAction();
    return { action, start: this.log.length, steps };
  }

  commit(running: Running<A>, outcome: Outcome<Json>): void {
    const faults = this.log.spans.faultsOf(this.actions.length);
    this.at = this.log.length;
    this.actions.push({ action: running.action, start: running.start, end: this.at, outcome, faults });
  }

  /** Takes a running action back completely. @throws ActionError when the handler breaks while it is stopped. */
  abandon(running: Running<A>): void {
    let broken: ActionError | null = null;
    try {
      running.steps.return({ ok: true, value: null });
    } catch (cause) {
      broken = new ActionError(running.action, cause);
    }
    this.at = this.log.length;
    this.walk(running.start);
    this.log.truncate(this.actions.length);
    if (broken) throw broken;
  }

  private build(): [E, Journal, StateDigest] {
    const log = new Journal(this.budget);
    log.beginAction();
    const engine = this.powerOn(this.config, log, this.blobs);
    return [engine, log, new StateDigest(this.config, engine.state)];
  }

  private rebuild(): void {
    [this.engine, this.log, this.digester] = this.build();
    this.at = this.log.length;
  }

  private replayNext(): void {
    this.walk(this.log.length);
    const n = this.log.nextAction;
    const known = this.actions[n]!;
    this.log.beginAction();
    const steps = this.engine.perform(known.action);
    while (!steps.next().done);
    this.at = this.log.length;
    if (this.at !== known.end) {
      throw new Error(
        `action ${n} made ${this.at - known.start} changes, and ${known.end - known.start} before`,
      );
    }
  }

  private walk(to: number): void {
    const { state } = this.engine;
    while (this.at < to) this.log.applyTo(state, this.at++);
    while (this.at > to) this.log.revertFrom(state, --this.at);
  }
}
