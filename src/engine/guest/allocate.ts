import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, type Rule } from '../core/fault';
import type { GuestObject } from '../core/guestCells';
import type { Platform } from '../core/platform';
import { featuresOf } from '../cpu/cpuid';
import { enterGuest } from '../xen/domain';
import { setGuestC, setOtherBit } from './mapping';
import { takePages } from './pages';
import { believedCBit } from './vc/belief';

const NO_C: Rule = {
  id: 'guest.believes-plain',
  says: 'A kernel that believes that there is no encryption sets no C-bit for the memory that it hands out.',
  source:
    'Linux arch/x86/mm/mem_encrypt_identity.c (sme_me_mask stays 0 without the bit in CPUID Fn8000_001F)',
  standing: 'published',
};

const OTHER_BIT: Rule = {
  id: 'guest.other-c-bit',
  says: 'A kernel that looks for the C-bit in the wrong place marks its pages there. For the processor that is an address bit, and the page has C = 0.',
  source: 'APM vol. 2 §7.10.1, §15.34.5; Linux include/linux/mem_encrypt.h (__sme_set)',
  standing: 'published',
};

/**
 * Hands out whole pages for something that the guest remembers by name. Answers with the GVA. A guest that believes that it
 * has no encryption, or that the C-bit is another, maps them with C = 0; it knows of no private and no shared pages then, and so notes nothing.
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
  const bit = believedCBit(p, domain.id);
  if (!believesPlain && bit === featuresOf(p.state).cBit) return address;
  const marked = believesPlain
    ? eachPage(p, domain, address.value, object.length, NO_C, (virtual) =>
        setGuestC(p, domain, virtual, false),
      )
    : eachPage(p, domain, address.value, object.length, OTHER_BIT, (virtual) =>
        setOtherBit(p, domain, virtual, bit),
      );
  return marked.ok ? address : marked;
}

function eachPage(
  p: Platform,
  domain: DomainCell,
  virtual: number,
  length: number,
  rule: Rule,
  mark: (virtual: number) => Outcome<null>,
): Outcome<null> {
  p.trace.fact('note', { what: 'no C-bit', address: virtual, length }, rule);
  const entered = enterGuest(p, domain);
  if (!entered.ok) return entered;
  for (let done = 0; done < length; done += PAGE_SIZE) {
    const marked = mark(virtual + done);
    if (!marked.ok) return marked;
  }
  return DONE;
}
