/** Pages that changed just now: those of the last moment, and in any case those of the newest patch. */
export class HotPages {
  readonly #since = new Map<number, number>();

  readonly #lastingMs: number;
  readonly #most: number;

  constructor(lastingMs: number, most: number) {
    this.#lastingMs = lastingMs;
    this.#most = most;
  }

  get size(): number {
    return this.#since.size;
  }

  get pages(): IterableIterator<number> {
    return this.#since.keys();
  }

  has(pfn: number): boolean {
    return this.#since.has(pfn);
  }

  /** Milliseconds since the newest of them changed. */
  age(now: number): number {
    let newest = Number.NEGATIVE_INFINITY;
    for (const since of this.#since.values()) newest = Math.max(newest, since);
    return now - newest;
  }

  /** Adds pages (every `stride`-th number) and returns those that ceased to be hot. */
  add(pfns: ArrayLike<number>, now: number, stride = 1): number[] {
    for (let i = 0; i < pfns.length; i += stride) {
      this.#since.delete(pfns[i] as number);
      this.#since.set(pfns[i] as number, now);
    }
    const cooled: number[] = [];
    for (const [pfn, since] of this.#since) {
      if (now - since < this.#lastingMs && this.#since.size <= this.#most) break;
      this.#since.delete(pfn);
      cooled.push(pfn);
    }
    return cooled;
  }

  /** Makes exactly these pages hot and returns those that ceased to be. */
  replace(pfns: ArrayLike<number>, now: number): number[] {
    const before = [...this.#since.keys()];
    const kept = new Map(this.#since);
    this.#since.clear();
    for (let i = 0; i < pfns.length; i++) {
      const pfn = pfns[i] as number;
      this.#since.set(pfn, kept.get(pfn) ?? now);
    }
    return before.filter((pfn) => !this.#since.has(pfn));
  }
}
