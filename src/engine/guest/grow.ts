import { alignUp, GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Fault, type Outcome, ok, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { enterGuest } from '../xen/domain';
import { populate } from '../xen/domctl/memory';
import { countFrames, NO_MEMORY } from '../xen/frames';
import { acceptMemory } from './accept';
import { leaveForLater } from './lazy';
import { mapMore } from './mapping';
import { validateMemory } from './svsm/calls';
import { monitorOf } from './svsm/monitor';

/** Room that a grown guest keeps for page tables of its own, beside what it was asked for. */
const SLACK = 16 * PAGE_SIZE;

const missing = (p: Platform, domain: DomainCell, length: number): number => {
  const { nextData } = p.state.need('guest', domain.id);
  return nextData + alignUp(length, PAGE_SIZE) + SLACK - domain.memory;
};

/** Why not even the hypervisor has room for an object of this length in a guest, or null. */
export function noRoomFor(p: Platform, domain: DomainCell, name: string, length: number): Fault | null {
  const { nextData } = p.state.need('guest', domain.id);
  if (nextData + alignUp(length, PAGE_SIZE) <= domain.memory) return null;
  const free = countFrames(p.state.need('xen').free) * PAGE_SIZE;
  const needed = alignUp(domain.memory + missing(p, domain, length), LARGE_PAGE_SIZE) - domain.memory;
  if (needed <= free) return null;
  return refuse(
    NO_MEMORY,
    'refused',
    `${domain.name} would need ${needed} bytes more for ${name}, and Xen has ${free} free.`,
    { needed, free },
    'A machine with more memory.',
  ).fault;
}

/** Gives a guest more memory when an object needs it: Xen adds frames, the guest maps them. */
export function makeRoom(p: Platform, domain: DomainCell, length: number): Outcome<null> {
  const { nextData } = p.state.need('guest', domain.id);
  if (nextData + alignUp(length, PAGE_SIZE) <= domain.memory) return DONE;
  const grown = growGuest(p, domain, missing(p, domain, length));
  return grown.ok ? DONE : grown;
}

/** Gives a guest at least `bytes` more memory, up to a 2 MiB boundary. Answers with its new size. */
export function growGuest(p: Platform, domain: DomainCell, bytes: number): Outcome<number> {
  return p.trace.span(
    'toolstack',
    'toolstack',
    'mem-set',
    { guest: domain.name, bytes },
    () => {
      const from = domain.memory;
      const grown = populate(p, domain.id, alignUp(from + bytes, LARGE_PAGE_SIZE) - from);
      if (!grown.ok) return grown;
      const mapped = mapMore(p, grown.value, from, grown.value.memory);
      if (!mapped.ok) return mapped;
      const accepted = domain.snp ? acceptGrown(p, grown.value, from) : DONE;
      return accepted.ok ? ok(grown.value.memory) : accepted;
    },
    (memory) => ({ memory, end: GUEST_BASE + memory }),
  );
}

/** The kernel of an SNP guest accepts what has come; a lazy one leaves it for later. */
function acceptGrown(p: Platform, domain: DomainCell, from: number): Outcome<null> {
  if (p.state.need('guest', domain.id).unaccepted) {
    leaveForLater(p, domain, from, domain.memory);
    return DONE;
  }
  const monitor = monitorOf(p, domain);
  if (monitor) return validateMemory(p, domain, monitor, from, domain.memory);
  const entered = enterGuest(p, domain);
  return entered.ok ? acceptMemory(p, domain, from, domain.memory) : entered;
}
