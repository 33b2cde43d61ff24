import type { Change } from '../engine/core/change';
import type { Outcome } from '../engine/core/fault';
import type { Json, JsonObject } from '../engine/core/json';
import type { Layer } from '../engine/core/span';
import type { State } from '../engine/core/state';
import type { Recorder } from '../engine/core/trace';
import { Chunk } from './chunk';
import { SpanLog } from './spanLog';

/** Bytes that a journal keeps before it forgets. */
export const DEFAULT_BUDGET = 512 * 1024 * 1024;

/** Where an action begins: in the changes and in the spans. */
interface Mark {
  readonly start: number;
  readonly span: number;
}

/**
 * The undo and redo log. Changes are numbered from 0 for the life of a session; the journal holds those from `firstKept`
 * up to `length`. Beyond its budget it forgets the oldest whole actions, down to seven eighths of the budget, never the
 * newest action.
 */
export class Journal implements Recorder {
  readonly spans = new SpanLog();
  readonly budget: number;
  /** Index of the oldest change that can still be walked. */
  firstKept = 0;
  /** Index after the newest change. */
  length = 0;
  /** Number of the oldest action kept; -1 is the power-on. */
  firstAction = -1;
  private chunks: Chunk[] = [];
  private near: Chunk | null = null;
  private chunkBytes = 0;
  private marks: Mark[] = [];

  /** @param budget bytes; estimated for objects, exact for the typed arrays. */
  constructor(budget = DEFAULT_BUDGET) {
    this.budget = budget;
  }

  /** Estimated bytes kept. */
  get bytes(): number {
    return this.chunkBytes + this.spans.bytes;
  }

  /** Number of the action that is recorded next; -1 is the power-on. */
  get nextAction(): number {
    return this.firstAction + this.marks.length;
  }

  beginAction(): void {
    this.marks.push({ start: this.length, span: this.spans.end });
  }

  change(change: Change): void {
    let chunk = this.chunks.at(-1);
    if (!chunk || chunk.full) {
      chunk = new Chunk(this.length);
      this.chunks.push(chunk);
      this.chunkBytes += chunk.bytes;
    }
    if (change.store === 'fact') this.spans.fact(this.length, this.nextAction - 1, change);
    const before = chunk.bytes;
    chunk.push(change);
    this.chunkBytes += chunk.bytes - before;
    this.length++;
    if (this.bytes > this.budget) this.forget();
  }

  open(layer: Layer, actor: string, name: string, args: JsonObject): void {
    this.spans.open(this.length, this.nextAction - 1, layer, actor, name, args);
  }

  close(result: Json, outcome: Outcome<unknown> | null): void {
    this.spans.close(this.length, result, outcome);
  }

  /** The change with that index, as plain data of its own. @throws RangeError when it is not kept. */
  at(index: number): Change {
    const chunk = this.find(index);
    return chunk.change(index - chunk.start);
  }

  /** Makes change `index` again. @throws RangeError when it is not kept. */
  applyTo(state: State, index: number): void {
    const chunk = this.find(index);
    chunk.apply(state, index - chunk.start);
  }

  /** Takes change `index` back. @throws RangeError when it is not kept. */
  revertFrom(state: State, index: number): void {
    const chunk = this.find(index);
    chunk.revert(state, index - chunk.start);
  }

  /** Drops the action with that number and everything after it. @throws RangeError when its start is not kept. */
  truncate(action: number): void {
    const mark = this.marks[action - this.firstAction];
    if (!mark) throw new RangeError(`the journal does not hold action ${action}`);
    this.marks.length = action - this.firstAction;
    while ((this.chunks.at(-1)?.start ?? -1) >= mark.start) this.chunkBytes -= this.chunks.pop()!.bytes;
    const last = this.chunks.at(-1);
    if (last && last.start + last.count > mark.start) {
      this.chunkBytes -= last.bytes;
      last.truncate(mark.start - last.start);
      this.chunkBytes += last.bytes;
    }
    this.near = null;
    this.length = mark.start;
    this.spans.truncate(mark.span, action);
  }

  private forget(): void {
    let gone = 0;
    while (gone < this.marks.length - 1 && this.bytes > (this.budget * 7) / 8) {
      gone++;
      const mark = this.marks[gone]!;
      this.firstKept = mark.start;
      while (this.chunks[0] && this.chunks[0].start + this.chunks[0].count <= mark.start) {
        this.chunkBytes -= this.chunks.shift()!.bytes;
      }
      this.spans.forget(mark.span, this.firstAction + gone);
    }
    this.marks.splice(0, gone);
    this.firstAction += gone;
    this.near = null;
  }

  private find(index: number): Chunk {
    if (index < this.firstKept || index >= this.length) {
      throw new RangeError(
        `change ${index} is not kept: the journal holds ${this.firstKept} to ${this.length}`,
      );
    }
    const near = this.near;
    if (near && index >= near.start && index < near.start + near.count) return near;
    let [low, high] = [0, this.chunks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.chunks[middle]!.start <= index) low = middle;
      else high = middle - 1;
    }
    this.near = this.chunks[low]!;
    return this.near;
  }
}
