import { pageCount } from '../../engine/memory/regions';
import { LockstepSide } from '../../lab/lockstep';
import { MOST_SIDES, type Side } from '../../lab/side';
import type { Scenario } from '../../scenario/schema';
import { guestSummaries } from '../guests';
import { between, type Feed, wholePicture } from '../pageFeed';
import type { SideProgress } from './protocol';

const NOTHING: Feed = { patch: new Uint32Array(), whole: false };

/** One machine of a comparison with what the window knows of it. */
class PlayedSide {
  private readonly side: Side;
  private readonly machine: LockstepSide;
  private readonly last: number;
  /** The change up to which the window knows the pages. */
  private told = 0;

  constructor(scenario: Scenario, side: Side) {
    this.side = side;
    this.machine = new LockstepSide(scenario, side);
    this.last = scenario.steps.length;
  }

  /** Takes a step; 0 is the power-on, which has happened. */
  progress(step: number): SideProgress {
    const { side, machine, last } = this;
    const record = step === 0 ? null : machine.take(step);
    const session = machine.player?.session;
    return {
      side,
      step,
      record,
      pageCount: session ? pageCount(session.config) : 0,
      guests: session ? guestSummaries(session.machine) : [],
      ...this.pages(),
      outcome: step === last ? machine.outcome() : null,
    };
  }

  private pages(): Feed {
    const session = this.machine.player?.session;
    if (!session) return NOTHING;
    const { change } = session.position();
    const { journal } = session;
    const feed =
      this.told === 0
        ? wholePicture(session.state)
        : between(session.state, this.told, change, journal.firstKept, (index) => journal.at(index));
    this.told = change;
    return feed;
  }
}

/**
 * Plays a script on up to four machines: each powers on, then each takes the first step, then each the next. Yields what became
 * of one machine in one step.
 */
export function* playSides(scenario: Scenario, sides: readonly Side[]): Generator<SideProgress, void> {
  const played = sides.slice(0, MOST_SIDES).map((side) => new PlayedSide(scenario, side));
  for (let step = 0; step <= scenario.steps.length; step++)
    for (const side of played) yield side.progress(step);
}
