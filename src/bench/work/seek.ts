import { completeConfig } from '../../engine/config';
import type { Progress } from '../../engine/core/action';
import { type Outcome, ok } from '../../engine/core/fault';
import type { Json } from '../../engine/core/json';
import { State } from '../../engine/core/state';
import { type Recorder, Trace } from '../../engine/core/trace';
import type { Engine } from '../../history/engine';
import { Session } from '../../history/session';
import type { Figure } from '../figure';
import { digits, quantile } from '../stats';
import { dice, PAGES, somePage } from './dice';

export const CHANGES = 100_000;
const IN_ACTION = 100;
const SEEKS = 200;

/** A machine that only changes what is known of its pages: an action is a number of changes. */
class PageMachine implements Engine<number> {
  readonly state = new State(1, 1);
  private readonly trace: Trace;
  private readonly random = dice(2);
  private made = 0;

  constructor(recorder: Recorder) {
    this.trace = new Trace(this.state, recorder);
  }

  *perform(changes: number): Generator<Progress, Outcome<Json>> {
    this.trace.call('xen', 'xen', 'change', { changes }, () => {
      for (let left = changes; left > 0; left--)
        this.trace.page(somePage(this.random), { writer: this.made++ % 1009 });
    });
    return ok(null);
  }
}

export interface SeekResult {
  readonly median: number;
  readonly p95: number;
  readonly most: number;
  /** The 95th percentile of the same ways walked over two plain typed arrays. */
  readonly plainP95: number;
}

/** Milliseconds that it takes a session to go anywhere in 100,000 page changes. */
export async function measureSeek(): Promise<SeekResult> {
  const config = completeConfig({ memory: PAGES * 4096 });
  const session = new Session<number, PageMachine>({
    config,
    powerOn: (_, recorder) => new PageMachine(recorder),
  });
  while (session.length < CHANGES) session.performNow(IN_ACTION);
  return {
    ...(await seeks(session.length, (to) => session.seek(to))),
    plainP95: await plainSeek(session.length),
  };
}

export const seekFigure = ({ median: middle, p95, most, plainP95 }: SeekResult): Figure => ({
  value: p95,
  reference: { what: 'two plain loops', ratio: p95 / plainP95 },
  notes: [`median ${digits(middle)} ms, most ${digits(most)} ms`],
});

/** Goes to random places; milliseconds. */
export async function seeks(
  length: number,
  go: (to: number) => unknown,
): Promise<Omit<SeekResult, 'plainP95'>> {
  const random = dice(3);
  const times: number[] = [];
  for (let n = 0; n < SEEKS; n++) {
    const to = random(length + 1);
    const start = performance.now();
    await go(to);
    times.push(performance.now() - start);
  }
  return { median: quantile(times, 0.5), p95: quantile(times, 0.95), most: quantile(times, 1) };
}

/** The least that a seek could be: page numbers and words, before and after, walked in two plain loops. */
export async function plainSeek(length: number): Promise<number> {
  const random = dice(2);
  const page = Uint32Array.from({ length }, () => somePage(random));
  const before = Uint32Array.from({ length }, (_, n) => n);
  const words = new Uint32Array(PAGES);
  let at = length;
  const { p95 } = await seeks(length, (to) => {
    for (; at < to; at++) words[page[at] as number] = (before[at] as number) + 1;
    while (at > to) {
      at--;
      words[page[at] as number] = before[at] as number;
    }
  });
  return p95;
}
