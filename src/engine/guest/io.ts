import { GUEST_BASE, hex, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { GuestObject } from '../core/guestCells';
import type { Platform } from '../core/platform';
import { dmaTransfer } from '../device/dma';
import { allocate } from './allocate';
import { convertPages } from './convert';
import { guestAccess, zero } from './kernelAccess';

/** The guest's bounce buffer: one page, shared, through which all useful DMA goes (Linux kernel/dma/swiotlb.c). */
export function bounceBuffer(p: Platform, domain: DomainCell): Outcome<GuestObject> {
  const { objects, shared: pages } = p.state.need('guest', domain.id);
  const held = objects.find((object) => object.kind === 'bounce');
  if (held) {
    if (pages.includes((held.address - GUEST_BASE) / PAGE_SIZE)) return ok(held);
    const again = share(p, domain, held.address);
    return again.ok ? ok(held) : again;
  }
  const object = { name: 'bounce buffer', kind: 'bounce', length: PAGE_SIZE } as const;
  const address = allocate(p, domain, object);
  if (!address.ok) return address;
  const shared = share(p, domain, address.value);
  return shared.ok ? ok({ ...object, address: address.value }) : shared;
}

function share(p: Platform, domain: DomainCell, address: number): Outcome<null> {
  const shared = convertPages(p, domain, address, 1, { shared: true, flush: true, keep: false });
  if (!shared.ok) return shared;
  const cleared = zero(p, domain, address, 1);
  return cleared.ok ? DONE : cleared;
}

const NOT_MINE: Rule = {
  id: 'guest.dma-address',
  says: 'A driver gives its device only addresses of memory that the guest’s kernel has.',
  source: 'Linux kernel/dma/direct.c (dma_direct_map_page: virt_to_phys of the direct map)',
  standing: 'published',
};

/**
 * The guest's driver has the device read (`send`) or write (`receive`) its memory: through the bounce buffer, copying
 * between private and shared memory itself, or directly at the data's own address. Answers with what the device moved.
 */
export function guestIo(
  p: Platform,
  domain: DomainCell,
  direction: 'send' | 'receive',
  at: number,
  via: 'bounce' | 'direct',
  incoming: Uint8Array,
): Outcome<Uint8Array> {
  if (via === 'direct') {
    if (at < GUEST_BASE || at >= GUEST_BASE + domain.memory) {
      const message = `${domain.name} has no memory at ${hex(at)}.`;
      return refuse(NOT_MINE, 'refused', message, { address: at }, `An address from ${hex(GUEST_BASE)} on.`);
    }
    return dmaTransfer(
      p,
      domain.id,
      at - GUEST_BASE,
      direction === 'send' ? { length: incoming.length } : { bytes: incoming },
    );
  }
  const buffer = bounceBuffer(p, domain);
  if (!buffer.ok) return buffer;
  const target = buffer.value.address;
  if (direction === 'send') {
    const text = guestAccess(p, domain, 'read', at, incoming.length);
    if (!text.ok) return text;
    const copied = guestAccess(p, domain, 'write', target, text.value.length, text.value);
    return copied.ok ? dmaTransfer(p, domain.id, target - GUEST_BASE, { length: text.value.length }) : copied;
  }
  const moved = dmaTransfer(p, domain.id, target - GUEST_BASE, { bytes: incoming });
  if (!moved.ok) return moved;
  const arrived = guestAccess(p, domain, 'read', target, incoming.length);
  if (!arrived.ok) return arrived;
  return guestAccess(p, domain, 'write', at, arrived.value.length, arrived.value);
}
