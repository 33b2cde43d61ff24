import type { FactChange } from '../engine/core/change';
import type { Fault, Outcome } from '../engine/core/fault';
import type { Json, JsonObject } from '../engine/core/json';
import type { Layer, Span } from '../engine/core/span';
import { weigh } from './weigh';

/** A span and the action in which it was opened; -1 is the power-on. */
export interface LoggedSpan extends Span {
  readonly action: number;
}

interface Refusal {
  readonly at: number;
  readonly action: number;
  readonly rule: string | null;
}

const SPAN = 176;

/** The calls, in the order in which they were opened, and the places at which something was refused. */
export class SpanLog {
  /** Id of the first span kept. */
  first = 0;
  bytes = 0;
  private spans: LoggedSpan[] = [];
  /** Places at the front of `spans` that are already forgotten. */
  private dead = 0;
  private readonly opened: LoggedSpan[] = [];
  private faults: Refusal[] = [];

  /** Id after the last span. */
  get end(): number {
    return this.first + this.spans.length - this.dead;
  }

  get(id: number): LoggedSpan | undefined {
    return id < this.first ? undefined : this.spans[id - this.first + this.dead];
  }

  open(at: number, action: number, layer: Layer, actor: string, name: string, args: JsonObject): void {
    const outer = this.opened.at(-1);
    const [parent, depth] = outer ? [outer.id, outer.depth + 1] : [null, 0];
    const fresh = { start: at, end: at, result: null, fault: null };
    const span: LoggedSpan = { id: this.end, parent, depth, layer, actor, name, args, action, ...fresh };
    this.opened.push(span);
    this.spans.push(span);
    this.bytes += weighSpan(span);
  }

  close(at: number, result: Json, outcome: Outcome<unknown> | null): void {
    const span = this.opened.pop();
    if (!span) throw new Error('a span is closed that was not opened');
    span.end = at;
    span.result = result;
    span.fault = outcome && !outcome.ok ? outcome.fault : null;
    this.bytes += weigh(result);
    if (span.fault) this.refused(span, span.fault);
  }

  /** A refusal that is shown as a fact stands right after that fact. */
  fact(at: number, action: number, change: FactChange): void {
    if (change.what === 'fault') this.faults.push({ at: at + 1, action, rule: change.rule?.id ?? null });
  }

  /** The refusals of one action: each once, at the index after the change at which it was decided. */
  faultsOf(action: number): number[] {
    return this.faults.filter((fault) => fault.action === action).map((fault) => fault.at);
  }

  /** Id of the first span that starts at or after `at`, or `end`. */
  lowerBound(at: number): number {
    let [low, high] = [this.dead, this.spans.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.spans[middle]!.start < at) low = middle + 1;
      else high = middle;
    }
    return this.first + low - this.dead;
  }

  /** The innermost span that has begun before `at` and ends after it. */
  around(at: number): LoggedSpan | null {
    let span = this.get(this.lowerBound(at) - 1);
    while (span && span.end <= at) span = span.parent === null ? undefined : this.get(span.parent);
    return span ?? null;
  }

  /** Drops the spans from `id` on, which action `action` opened first, and whatever is still open. */
  truncate(id: number, action: number): void {
    for (const span of this.spans.splice(id - this.first + this.dead)) this.bytes -= weighSpan(span);
    this.opened.length = 0;
    this.faults = this.faults.filter((fault) => fault.action < action);
  }

  /** Drops the spans before `id`, which action `action` opened first. */
  forget(id: number, action: number): void {
    while (this.first < id) {
      this.bytes -= weighSpan(this.get(this.first)!);
      this.first++;
      this.dead++;
    }
    if (this.dead > this.spans.length / 2) {
      this.spans = this.spans.slice(this.dead);
      this.dead = 0;
    }
    while (this.faults[0] && this.faults[0].action < action) this.faults.shift();
  }

  /** A refusal travels outward through the spans that return it, or was shown as a fact: it counts once, where it was made. */
  private refused(span: LoggedSpan, fault: Fault): void {
    const rule = fault.rule.id;
    const last = this.faults.at(-1);
    const inside = last && last.action === span.action && last.at >= span.start;
    if (inside && (last.rule === rule || last.at === span.end)) return;
    this.faults.push({ at: span.end, action: span.action, rule });
  }
}

const weighSpan = (span: LoggedSpan): number => SPAN + weigh(span.args) + weigh(span.result);
