import { type Outcome, type Rule, refuse } from '../core/fault';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';

const NO_CORE: Rule = {
  id: 'cpu.no-core',
  says: 'A machine has as many cores as its topology says.',
  source: 'the machine’s configuration',
  standing: 'published',
};

/** Checks the core number, then goes on with it. */
export function onCore(
  p: Platform,
  number: number | undefined,
  body: (core: number) => Outcome<Json>,
): Outcome<Json> {
  const wanted = number ?? 0;
  const count = p.state.tlbs.length;
  if (wanted < count) return body(wanted);
  return refuse(
    NO_CORE,
    'refused',
    `There is no core ${wanted}.`,
    { core: wanted, cores: count },
    `A core from 0 to ${count - 1}.`,
  );
}
