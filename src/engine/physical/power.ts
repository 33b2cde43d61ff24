import type { Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { HOST_MODE } from '../cpu/mode';
import { flushAll } from '../cpu/tlb';
import { losePower } from '../memory/flush';

export const POWER_RULES = {
  remanence: {
    id: 'physical.remanence',
    says: 'DRAM keeps its bytes for seconds to minutes without power; caches, registers and the key slots lose theirs at once.',
    source: 'Halderman et al., Lest We Remember: Cold Boot Attacks on Encryption Keys, USENIX Security 2008',
    standing: 'published',
  },
  off: {
    id: 'physical.off',
    says: 'A machine without power does nothing; only what is on the stick can be read.',
    source: 'physics',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** The plug is pulled: everything on the chip is gone, the stick keeps its bytes (no decay is modelled). */
export function powerOff(p: Platform): void {
  p.trace.fact('note', { what: 'power lost' }, POWER_RULES.remanence);
  losePower(p);
  for (let core = 0; core < p.state.tlbs.length; core++) {
    flushAll(p, core);
    p.trace.patch('core', core, HOST_MODE);
    if (p.state.cell('registers', core)) p.trace.set('registers', core, null);
  }
  for (const [name] of p.state.allCells())
    if (name.startsWith('slot/')) p.trace.set('slot', Number(name.slice(5)), null);
  p.trace.set('power', 0, { on: false });
}
