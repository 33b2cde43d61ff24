import type { Rule } from '../core/fault';
import type { Platform } from '../core/platform';

const BESIDE_XL: Rule = {
  id: 'xl.said-beside',
  says: 'The real xl says nothing of keys that nobody reads; the simulator does, so that nobody believes in an encryption that is not there.',
  source: 'this simulator; Xen tools/libs/util/libxlu_cfg.c for xl’s silence',
  standing: 'modelled',
};

/** A line on the terminal of Domain-0: xl’s own, or what the simulator adds beside it. */
export function say(p: Platform, line: string, whose: 'xl' | 'modelled' = 'xl'): void {
  p.trace.fact('note', { what: 'terminal', line }, whose === 'modelled' ? BESIDE_XL : null);
}
