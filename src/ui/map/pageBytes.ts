export type BytesOf = (pfn: number) => Promise<Uint8Array>;

interface Entry {
  revision: number;
  bytes: Uint8Array | null;
}

/** More pages than ever fit on a screen with their bytes. */
const MOST = 128;

/**
 * The bytes of pages looked at closely, asked for once a revision. What a page held before stays on screen until the
 * answer comes.
 */
export class PageBytes {
  readonly #pages = new Map<number, Entry>();
  #bytesOf: BytesOf | undefined;
  #revision = 0;
  readonly #arrived: () => void;

  constructor(arrived: () => void) {
    this.#arrived = arrived;
  }

  /** Another revision makes what is known stale; another callback by itself does not. */
  configure(bytesOf: BytesOf | undefined, revision: number): void {
    this.#bytesOf = bytesOf;
    this.#revision = revision;
  }

  get(pfn: number): Uint8Array | null {
    if (this.#bytesOf === undefined) return null;
    const entry = this.#pages.get(pfn);
    if (entry?.revision === this.#revision) return entry.bytes;
    this.#ask(this.#bytesOf, pfn, entry?.bytes ?? null);
    return entry?.bytes ?? null;
  }

  #ask(bytesOf: BytesOf, pfn: number, before: Uint8Array | null): void {
    const entry: Entry = { revision: this.#revision, bytes: before };
    this.#pages.delete(pfn);
    this.#pages.set(pfn, entry);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > MOST && oldest !== undefined) this.#pages.delete(oldest);
    bytesOf(pfn).then(
      (bytes) => {
        if (this.#pages.get(pfn) !== entry) return;
        entry.bytes = bytes;
        this.#arrived();
      },
      () => {
        if (this.#pages.get(pfn) === entry) entry.bytes = null;
      },
    );
  }
}
