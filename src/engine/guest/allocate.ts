import { PAGE_SIZE } from '../core/address';
import type { DomainCell, GuestObject } from '../core/cells';
import { DONE, type Outcome, type Rule } from '../core/fault';
import type { Platform } from '../core/platform';
import { enterGuest } from '../xen/domain';
import { setGuestC } from './mapping';
import { takePages } from './pages';

const NO_C: Rule = {
  id: 'guest.believes-plain',
  says: 'A kernel that believes that there is no encryption sets no C-bit for the memory that it hands out.',
  source:
    'Linux arch/x86/mm/mem_encrypt_identity.c (sme_me_mask stays 0 without the bit in CPUID Fn8000_001F)',
  standing: 'published',
};

/**
 * Hands out whole pages for something that the guest remembers by name. Answers with the GVA. A guest that believes that it
 * has no encryption maps them with C = 0; it knows of no private and no shared pages, and so notes nothing.
 */
export function allocate(
  p: Platform,
  domain: DomainCell,
  object: Omit<GuestObject, 'address'>,
): Outcome<number> {
  const address = takePages(p, domain, object.name, object.length);
  if (!address.ok) return address;
  const { objects, believesPlain } = p.state.need('guest', domain.id);
  p.trace.patch('guest', domain.id, { objects: [...objects, { ...object, address: address.value }] });
  if (!believesPlain) return address;
  const cleared = clearC(p, domain, address.value, object.length);
  return cleared.ok ? address : cleared;
}

function clearC(p: Platform, domain: DomainCell, virtual: number, length: number): Outcome<null> {
  p.trace.fact('note', { what: 'no C-bit', address: virtual, length }, NO_C);
  const entered = enterGuest(p, domain);
  if (!entered.ok) return entered;
  for (let done = 0; done < length; done += PAGE_SIZE) {
    const set = setGuestC(p, domain, virtual + done, false);
    if (!set.ok) return set;
  }
  return DONE;
}
