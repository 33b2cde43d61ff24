import { GUEST_BASE, hex, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, refuse } from '../core/fault';
import { OWNER_GUEST, OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { access } from '../cpu/access';
import { guestAccess } from '../guest/kernelAccess';
import { enterHost } from '../xen/domain';
import { hostVirtual } from '../xen/host';
import { frameBehind } from '../xen/nested';
import { PV_RULES } from './rules';

/** A page as one of its two sides reads and writes it. */
export interface Side {
  read(at: number, length: number): Outcome<Uint8Array>;
  write(at: number, bytes: Uint8Array): Outcome<Uint8Array>;
}

/** As the guest's kernel sees it, at its GVA: through its own C-bit, with its own key. */
export const guestSide = (p: Platform, domain: DomainCell, address: number): Side => ({
  read: (at, length) => guestAccess(p, domain, 'read', address + at, length),
  write: (at, bytes) => guestAccess(p, domain, 'write', address + at, bytes.length, bytes),
});

/** Domain-0 runs on the first core. */
const CORE = 0;
const PRINCIPAL = { xen: OWNER_HYPERVISOR, 'domain-0': OWNER_GUEST } as const;

/**
 * As Xen or Domain-0 sees a machine frame. Domain-0 is no encrypted guest and has no key but the host's: a frame of an
 * encrypted guest it maps with C = 0, any other as the direct map has it. What it puts there it means for the guest, too.
 */
export function hostSide(p: Platform, domain: DomainCell, who: keyof typeof PRINCIPAL, spa: number): Side {
  const view = domain.sev ? '0' : 'mapped';
  const move = (op: 'read' | 'write', at: number, length: number, bytes?: Uint8Array) => {
    enterHost(p, CORE);
    return access(p, {
      core: CORE,
      actor: who,
      principal: PRINCIPAL[who],
      virtual: hostVirtual(spa + at, view),
      op,
      length,
      shared: () => true,
      ...(bytes ? { bytes } : {}),
    });
  };
  return {
    read: (at, length) => move('read', at, length),
    write: (at, bytes) => move('write', at, bytes.length, bytes),
  };
}

/** The machine frame behind a guest frame, as Xen finds it in the p2m: its address. */
export function machineFrame(p: Platform, domain: DomainCell, gpa: number): Outcome<number> {
  const spa = frameBehind(p, domain, gpa);
  if (spa !== null) return ok(spa);
  const message = `${domain.name} has no frame at GPA ${hex(gpa)}.`;
  return p.trace.refused(
    refuse(PV_RULES.ownPages, 'GNTST_bad_page', message, { gpa }, 'A guest frame that is mapped.'),
  );
}

/** A guest page that Domain-0 maps as a foreign one, without a grant: it may map every guest's memory. */
export function foreignPage(p: Platform, domain: DomainCell, address: number): Outcome<Side> {
  const spa = machineFrame(p, domain, address - GUEST_BASE);
  return spa.ok ? ok(hostSide(p, domain, 'domain-0', spa.value)) : spa;
}

/** Why an address is none that a guest can grant, or null. */
export function notOwn(domain: DomainCell, at: number): Outcome<never> | null {
  if (at >= GUEST_BASE && at < GUEST_BASE + domain.memory) return null;
  return refuse(
    PV_RULES.ownPages,
    'refused',
    `${domain.name} has no memory at ${hex(at)}.`,
    { address: at },
    `An address from ${hex(GUEST_BASE)} on.`,
  );
}

export const gfnOf = (address: number): number => Math.floor((address - GUEST_BASE) / PAGE_SIZE);
