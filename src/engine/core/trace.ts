import { pfn as toPfn } from './address';
import type { CellKind, CellTypes } from './cells';
import type { Change, FactKind } from './change';
import type { Fault, Outcome, Rule } from './fault';
import type { Json, JsonObject } from './json';
import { type PageMeta, withPageFields } from './page';
import type { Layer } from './span';
import type { State } from './state';

/** Who keeps the record: the journal in the program, a plain list in a test, nothing when somebody only looks. */
export interface Recorder {
  change(change: Change): void;
  open(layer: Layer, actor: string, name: string, args: JsonObject): void;
  close(result: Json, outcome: Outcome<unknown> | null): void;
}

/**
 * The pen with which the rooms of the engine write: every state move goes through `emit`, which applies and records it;
 * every call is a span. Rooms receive a Trace and never touch a store themselves.
 */
export class Trace {
  readonly state: State;
  private readonly recorder: Recorder;

  constructor(state: State, recorder: Recorder) {
    this.state = state;
    this.recorder = recorder;
  }

  emit(change: Change): void {
    this.state.apply(change);
    this.recorder.change(change);
  }

  fact(what: FactKind, data: JsonObject, rule: Rule | null = null, bytes: Uint8Array | null = null): void {
    this.recorder.change({ store: 'fact', what, data, rule, bytes });
  }

  /** Records a refusal at the place where it happened and hands it on. */
  refused<T extends { readonly ok: false; readonly fault: Fault }>(outcome: T): T {
    const { name, message, rule } = outcome.fault;
    this.fact('fault', { name, message }, rule);
    return outcome;
  }

  /** Replaces a cell; `null` removes it. */
  set<K extends CellKind>(kind: K, number: number, after: CellTypes[K] | null): void {
    const before = this.state.cell(kind, number);
    this.emit({ store: 'cell', key: `${kind}/${number}`, before, after } as Change);
  }

  /** Changes some fields of a cell that exists. */
  patch<K extends CellKind>(kind: K, number: number, fields: Partial<CellTypes[K]>): void {
    this.set(kind, number, { ...this.state.need(kind, number), ...fields });
  }

  /** Changes what is known of a page; says nothing when nothing changes. */
  page(number: number, fields: Partial<PageMeta>): void {
    const before = this.state.pages.get(number);
    const after = withPageFields(before, fields);
    if (after !== before) this.emit({ store: 'page', pfn: toPfn(number), before, after });
  }

  open(layer: Layer, actor: string, name: string, args: JsonObject): void {
    this.recorder.open(layer, actor, name, args);
  }

  close(result: Json, outcome: Outcome<unknown> | null): void {
    this.recorder.close(result, outcome);
  }

  /** Runs `body` inside a span; `show` turns the value into what the span displays as its result. */
  span<T>(
    layer: Layer,
    actor: string,
    name: string,
    args: JsonObject,
    body: () => Outcome<T>,
    show: (value: T) => Json = () => null,
  ): Outcome<T> {
    this.open(layer, actor, name, args);
    const outcome = body();
    this.close(outcome.ok ? show(outcome.value) : null, outcome);
    return outcome;
  }

  /** A span that cannot be refused. */
  call<T>(
    layer: Layer,
    actor: string,
    name: string,
    args: JsonObject,
    body: () => T,
    show: (value: T) => Json = () => null,
  ): T {
    this.open(layer, actor, name, args);
    const value = body();
    this.close(show(value), null);
    return value;
  }
}
