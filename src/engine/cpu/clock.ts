import type { Rule } from '../core/fault';
import type { Platform } from '../core/platform';

const CLOCK: Rule = {
  id: 'cpu.tsc',
  says: 'The time-stamp counter moves on by a fixed amount whenever somebody reads it.',
  source: 'modelled: this simulator has no clock, so that the same actions give the same bytes',
  standing: 'modelled',
};

const STEP = 4096;

/** The time-stamp counter, which this reading moves on. */
export function readClock(p: Platform): bigint {
  const now = (p.state.cell('clock')?.tsc ?? 0) + STEP;
  p.trace.fact('note', { what: 'time-stamp counter', tsc: now }, CLOCK);
  p.trace.set('clock', 0, { tsc: now });
  return BigInt(now);
}
