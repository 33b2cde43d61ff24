import { State } from '../../engine/core/state';
import { Trace } from '../../engine/core/trace';
import { Journal } from '../../history/journal';
import { time } from '../stats';
import { dice, PAGES, somePage } from './dice';

/** Records page changes as the engine makes them: through the pen, into the state and the journal. */
export class Recording {
  readonly journal = new Journal();
  private readonly trace = new Trace(new State(1, 1), this.journal);
  private readonly random = dice(1);

  constructor() {
    this.journal.beginAction();
  }

  /** Makes so many changes; microseconds a change. */
  grow(count: number): number {
    const places = Array.from({ length: count }, () => somePage(this.random));
    const first = this.journal.length;
    const ms = time(() => {
      for (const [n, page] of places.entries()) this.trace.page(page, { writer: (first + n) % 1009 });
    });
    return (ms * 1000) / (this.journal.length - first);
  }
}

/** The least that recording could be: a word replaced in one typed array, five words put into another. Microseconds. */
export function plainRecord(count: number): number {
  const random = dice(1);
  const places = Array.from({ length: count }, () => somePage(random));
  const words = new Uint32Array(PAGES);
  const log = new Uint32Array(count * 5);
  const ms = time(() => {
    let at = 0;
    for (const [n, page] of places.entries()) {
      log[at++] = 0;
      log[at++] = page;
      log[at++] = words[page] as number;
      log[at++] = n;
      log[at++] = 0;
      words[page] = n;
    }
  });
  return (ms * 1000) / count;
}
