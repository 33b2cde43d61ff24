import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { DomainCell, GuestObject } from '../core/cells';
import { type Outcome, ok } from '../core/fault';
import type { Platform } from '../core/platform';
import { dmaTransfer } from '../device/dma';
import { convertPages } from './convert';
import { allocate, guestAccess, zero } from './memory';

/** The guest's bounce buffer: one page, shared, through which all useful DMA goes (Linux kernel/dma/swiotlb.c). */
export function bounceBuffer(p: Platform, domain: DomainCell): Outcome<GuestObject> {
  const held = p.state.need('guest', domain.id).objects.find((object) => object.kind === 'bounce');
  if (held) return ok(held);
  const object = { name: 'bounce buffer', kind: 'bounce', length: PAGE_SIZE } as const;
  const address = allocate(p, domain, object);
  if (!address.ok) return address;
  const shared = convertPages(p, domain, address.value, 1, { shared: true, flush: true, keep: false });
  if (!shared.ok) return shared;
  const cleared = zero(p, domain, address.value, 1);
  return cleared.ok ? ok({ ...object, address: address.value }) : cleared;
}

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
