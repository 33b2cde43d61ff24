/** How the window comes to its next turns; a test brings its own. */
export interface Turns {
  /** With the next frame. */
  readonly frame: (work: () => void) => void;
  /** After what already waits in line. */
  readonly task: (work: () => void) => void;
}

type Listener = () => void;
type Subscribe = (listener: Listener) => Listener;

/**
 * What follows from one deed comes in several messages. Those who draw are told once, of all of it: as soon as nothing that
 * was asked is unanswered, and with the next frame at the latest.
 */
export class Gathering {
  readonly #turns: Turns;
  readonly #waiting = new Set<Listener>();
  #unanswered = 0;
  #framed = false;
  #tasked = false;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** How many questions are without an answer now. */
  asked(unanswered: number): void {
    this.#unanswered = unanswered;
    this.#tellIfQuiet();
  }

  /** A way to subscribe like the given one, for listeners that may be told a little later and of several changes at once. */
  of(subscribe: Subscribe): Subscribe {
    return (listener) => {
      const leave = subscribe(() => this.#add(listener));
      return () => {
        leave();
        this.#waiting.delete(listener);
      };
    };
  }

  #add(listener: Listener): void {
    this.#waiting.add(listener);
    if (!this.#framed) {
      this.#framed = true;
      this.#turns.frame(() => {
        this.#framed = false;
        this.#tell();
      });
    }
    this.#tellIfQuiet();
  }

  #tellIfQuiet(): void {
    if (this.#tasked || this.#unanswered > 0 || this.#waiting.size === 0) return;
    this.#tasked = true;
    this.#turns.task(() => {
      this.#tasked = false;
      if (this.#unanswered === 0) this.#tell();
    });
  }

  #tell(): void {
    const told = [...this.#waiting];
    this.#waiting.clear();
    for (const listener of told) listener();
  }
}

/** The window's own. */
export const gathering = new Gathering({
  frame: (work) => requestAnimationFrame(work),
  task: (work) => setTimeout(work),
});
