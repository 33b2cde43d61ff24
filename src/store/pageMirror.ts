import { pageKey, pageOwner, pageShared, pageStructure, pageWriter } from '../engine/core/page';
import type { MapSource, PatchListener } from './pageSource';

/** How many pages have each owner, key and writer. Arrays are indexed by the number in the page word and are live. */
export interface PageCensus {
  readonly owner: Int32Array;
  readonly key: Int32Array;
  readonly writer: Int32Array;
  readonly shared: number;
  readonly structure: number;
  /** Pages by what was measured of them. */
  readonly measured: ReadonlyMap<number, number>;
}

const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;
const IN_CHUNK = CHUNK - 1;
const NUMBERS = 1024;
const UNMEASURED = -1;

/**
 * The window's copy of what the worker knows of each page: sparse, fed by patches of (pfn, word) pairs, and read by the
 * map and its legend. A page never mentioned has the word 0.
 */
export class PageMirror implements MapSource {
  #chunks: (Uint32Array | undefined)[] = [];
  readonly #measured: (Int16Array | undefined)[] = [];
  readonly #counts = new Map<number, number>();
  readonly #listeners = new Set<PatchListener>();
  readonly #owner = new Int32Array(NUMBERS);
  readonly #key = new Int32Array(NUMBERS);
  readonly #writer = new Int32Array(NUMBERS);
  #shared = 0;
  #structure = 0;

  word(pfn: number): number {
    return this.#chunks[pfn >>> CHUNK_BITS]?.[pfn & IN_CHUNK] ?? 0;
  }

  measured(pfn: number): number {
    return this.#measured[pfn >>> CHUNK_BITS]?.[pfn & IN_CHUNK] ?? UNMEASURED;
  }

  get census(): PageCensus {
    return {
      owner: this.#owner,
      key: this.#key,
      writer: this.#writer,
      shared: this.#shared,
      structure: this.#structure,
      measured: this.#counts,
    };
  }

  subscribe(listener: PatchListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  forEachTouched(fn: (pfn: number, word: number) => void): void {
    this.#chunks.forEach((chunk, n) => {
      chunk?.forEach((word, i) => {
        if (word !== 0) fn(n * CHUNK + i, word);
      });
    });
    this.#forEachMeasured((pfn) => {
      if (this.word(pfn) === 0) fn(pfn, 0);
    });
  }

  /** Adds what happened in a frame. `hot` draws the eye to these pages. */
  apply(patch: Uint32Array, hot = true): void {
    for (let i = 0; i + 1 < patch.length; i += 2) this.#write(patch[i] as number, patch[i + 1] as number);
    this.#tell(patch, hot);
  }

  /** Takes the patch as the whole picture, after a far seek; listeners hear only of what differs. */
  replace(patch: Uint32Array): void {
    const before = this.#chunks;
    this.#chunks = [];
    for (const counts of [this.#owner, this.#key, this.#writer]) counts.fill(0);
    this.#shared = 0;
    this.#structure = 0;
    for (let i = 0; i + 1 < patch.length; i += 2) this.#write(patch[i] as number, patch[i + 1] as number);
    this.#tell(differences(before, this.#chunks), false);
  }

  /** Notes what was measured of some pages, in place of everything measured before: see `MapSource.measured`. */
  setMeasured(pfns: ArrayLike<number>, values: ArrayLike<number>): void {
    const touched = new Set<number>();
    this.#forEachMeasured((pfn, chunk) => {
      touched.add(pfn);
      chunk[pfn & IN_CHUNK] = UNMEASURED;
    });
    this.#counts.clear();
    for (let i = 0; i < pfns.length; i++) {
      const pfn = pfns[i] as number;
      const chunk = this.#measured[pfn >>> CHUNK_BITS] ?? new Int16Array(CHUNK).fill(UNMEASURED);
      this.#measured[pfn >>> CHUNK_BITS] = chunk;
      const value = values[i] ?? UNMEASURED;
      chunk[pfn & IN_CHUNK] = value;
      this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
      touched.add(pfn);
    }
    this.#tell(Uint32Array.from([...touched].flatMap((pfn) => [pfn, this.word(pfn)])), false);
  }

  #forEachMeasured(fn: (pfn: number, chunk: Int16Array) => void): void {
    this.#measured.forEach((chunk, n) => {
      chunk?.forEach((value, i) => {
        if (value !== UNMEASURED) fn(n * CHUNK + i, chunk);
      });
    });
  }

  #write(pfn: number, word: number): void {
    const chunk = this.#chunks[pfn >>> CHUNK_BITS] ?? new Uint32Array(CHUNK);
    this.#chunks[pfn >>> CHUNK_BITS] = chunk;
    const at = pfn & IN_CHUNK;
    this.#count(chunk[at] as number, -1);
    this.#count(word, 1);
    chunk[at] = word;
  }

  #count(word: number, by: number): void {
    if (word === 0) return;
    add(this.#owner, pageOwner(word), by);
    add(this.#key, pageKey(word), by);
    add(this.#writer, pageWriter(word), by);
    if (pageShared(word)) this.#shared += by;
    if (pageStructure(word)) this.#structure += by;
  }

  #tell(patch: Uint32Array, hot: boolean): void {
    if (patch.length > 0) for (const listener of this.#listeners) listener(patch, hot);
  }
}

function add(counts: Int32Array, at: number, by: number): void {
  counts[at] = (counts[at] ?? 0) + by;
}

const EMPTY = new Uint32Array(CHUNK);

function differences(before: (Uint32Array | undefined)[], after: (Uint32Array | undefined)[]): Uint32Array {
  const pairs: number[] = [];
  for (let n = 0; n < Math.max(before.length, after.length); n++) {
    const old = before[n] ?? EMPTY;
    const now = after[n] ?? EMPTY;
    if (old === now) continue;
    for (let i = 0; i < CHUNK; i++) if (old[i] !== now[i]) pairs.push(n * CHUNK + i, now[i] as number);
  }
  return Uint32Array.from(pairs);
}
