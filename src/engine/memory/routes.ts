import type { Rule } from '../core/fault';
import type { Platform } from '../core/platform';

/** Routing registers of the data fabric: where a request of the secure processor goes. */
const ROUTES_RULE: Rule = {
  id: 'fabric.routes',
  says: 'The data fabric sends a request where its registers say. What goes to a range that no device has is lost, and whoever sent it is not told.',
  source:
    'CVE-2025-54510 (AMD-SB-3034); Schlüter et al., Fabricked, USENIX Security 2026 (summary); one range of the secure processor’s writes is modelled',
  standing: 'modelled',
};

/** Does a write of the secure processor end nowhere? Recorded when it does. */
export function isLost(p: Platform, address: number, length: number): boolean {
  const routes = p.state.cell('routes');
  if (!routes || address >= routes.base + routes.length || address + length <= routes.base) return false;
  p.trace.fact('bus', { event: 'lost', address, length }, ROUTES_RULE);
  return true;
}
