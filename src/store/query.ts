/** The answer to a question about the machine: the newest one known, which may be older than the machine is now. */
export interface Answer<T> {
  readonly value: T | null;
  /** The question that `value` answers; differs from the one asked while the new answer is on its way. */
  readonly key: string | null;
  /** The machine's revision when it was asked. */
  readonly revision: number;
  /** Why there is no newer answer, when asking failed. */
  readonly failed: string | null;
}

interface Wish<T> {
  readonly key: string;
  readonly revision: number;
  readonly ask: () => Promise<T>;
}

const NOTHING: Answer<never> = { value: null, key: null, revision: -1, failed: null };

/** Asks one question at a time; of those that come meanwhile only the latest is asked. The last answer stays until the next. */
export class Query<T> {
  #answer: Answer<T> = NOTHING;
  #running: Wish<T> | null = null;
  #next: Wish<T> | null = null;
  readonly #listeners = new Set<() => void>();

  readonly answer = (): Answer<T> => this.#answer;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  want(key: string, revision: number, ask: () => Promise<T>): void {
    const wish = { key, revision, ask };
    if (this.#running) this.#next = wish;
    else void this.#run(wish);
  }

  async #run(wish: Wish<T>): Promise<void> {
    this.#running = wish;
    const { key, revision } = wish;
    try {
      this.#answer = { value: await wish.ask(), key, revision, failed: null };
    } catch (error) {
      this.#answer = { ...this.#answer, failed: error instanceof Error ? error.message : String(error) };
    }
    this.#running = null;
    for (const listener of this.#listeners) listener();
    const next = this.#next;
    this.#next = null;
    if (next) void this.#run(next);
  }
}
