import type { Change } from '../../../engine/core/change';
import type { Platform } from '../../../engine/core/platform';
import { Trace } from '../../../engine/core/trace';

/**
 * Does something on the machine as it is now and takes all of it back: what is told is what would happen, and nothing has.
 * No record of it is kept.
 */
export function rehearse<T>(p: Platform, body: (p: Platform) => T): T {
  const made: Change[] = [];
  const trace = new Trace(p.state, {
    change: (change) => void made.push(change),
    open: () => {},
    close: () => {},
  });
  // The machine with another pen: everything else is its own.
  const platform = Object.create(p, { trace: { value: trace } }) as Platform;
  try {
    return body(platform);
  } finally {
    for (const change of made.reverse()) p.state.revert(change);
  }
}
