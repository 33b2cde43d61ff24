import { hasFix } from '../core/config';
import type { Rule } from '../core/fault';
import { HOST_KEY, NO_KEY } from '../core/key';
import type { Platform } from '../core/platform';
import { invd } from '../memory/flush';
import { wbinvdOn } from './wbinvd';

const INVD_RULES = {
  drops: {
    id: 'cpu.invd',
    says: 'INVD empties the caches and writes nothing back, whoever’s the lines are.',
    source: 'APM vol. 3 (INVD); Zhang et al., CacheWarp, USENIX Security 2024',
    standing: 'published',
  },
  asWbinvd: {
    id: 'cpu.invd-as-wbinvd',
    says: 'While HWCR (MSR C001_0015) bit 4 is set, INVD does what WBINVD does.',
    source:
      'AMD PPR, MSR C001_0015 (INVDWBINVD); CacheWarp §4; that firmware leaves the bit clear is modelled',
    standing: 'published',
  },
  repaired: {
    id: 'cpu.invd-repaired',
    says: 'With newer microcode INVD drops no dirty line of a guest: it is written back.',
    source: 'AMD-SB-3005 (CVE-2023-20592); the new meaning of INVD is not published (modelled)',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** Does INVD of a thread act as WBINVD? */
const actsAsWbinvd = (p: Platform, thread: number): boolean =>
  p.state.cell('hwcr', thread)?.invdWbinvd === true;

/** HWCR.INVDWBINVD of one thread. */
export const setInvdWbinvd = (p: Platform, thread: number, on: boolean): void =>
  p.trace.set('hwcr', thread, { invdWbinvd: on });

/** INVD as one thread executes it. @returns how many lines left. */
export function invdOn(p: Platform, thread: number): number {
  if (actsAsWbinvd(p, thread)) {
    p.trace.fact('note', { what: 'INVD as WBINVD', thread }, INVD_RULES.asWbinvd);
    return wbinvdOn(p, thread);
  }
  const repaired = hasFix(p.config, 'microcode-invd');
  p.trace.fact('note', { what: 'INVD', thread }, repaired ? INVD_RULES.repaired : INVD_RULES.drops);
  const { complex } = p.state.need('core', thread);
  return invd(p, complex, ({ key }) => repaired && key !== NO_KEY && key !== HOST_KEY);
}
