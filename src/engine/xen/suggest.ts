import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { Platform } from '../core/platform';
import { livingDomains } from './domains';
import { frameAt } from './frames';

/** SPA of the page that the first guest put down last. */
export function suggestSpa(p: Platform): number {
  const domain = livingDomains(p)[0];
  const object = domain
    ? p.state.cell('guest', domain.id)?.objects.findLast((each) => each.kind !== 'tables')
    : undefined;
  if (!domain || !object) return 0;
  return (frameAt(domain.frames, Math.floor((object.address - GUEST_BASE) / PAGE_SIZE)) ?? 0) * PAGE_SIZE;
}
