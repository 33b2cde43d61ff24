import { GUEST_BASE } from '../core/address';
import { readU64, u64 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok } from '../core/fault';
import type { Platform } from '../core/platform';
import { call, chain } from '../xen/trail';
import { guestHypercall } from './hypercall';
import { PORTS, type PortName, SHARED_INFO } from './layout';
import { pageNamed } from './pages';
import { guestSide, hostSide, machineFrame, type Side } from './sides';

/** The guest tells Domain-0 that there is something for it. Domain-0's own shared_info is not modelled. */
export const notifyDomain0 = (p: Platform, domain: DomainCell, name: PortName): Outcome<null> =>
  guestHypercall(p, domain, 'EVTCHNOP_send', { port: PORTS[name] }, () =>
    chain(
      p,
      [
        ['xen', 'do_event_channel_op'],
        ['xen', 'evtchn_send'],
      ],
      { from: domain.name, to: 'domain-0', port: PORTS[name] },
      () => DONE,
    ),
  );

/** Domain-0 tells the guest: Xen sets bits in the guest's shared_info. Answers with the ports that the guest then finds. */
export function notifyGuest(p: Platform, domain: DomainCell, name: PortName): Outcome<number[]> {
  const page = pageNamed(p, domain, 'shared info');
  if (!page.ok) return page;
  const port = PORTS[name];
  const sent = chain(
    p,
    [
      ['hypercall', 'EVTCHNOP_send'],
      ['xen', 'do_event_channel_op'],
      ['xen', 'evtchn_send'],
    ],
    { from: 'domain-0', to: domain.name, port },
    () => {
      const spa = machineFrame(p, domain, page.value - GUEST_BASE);
      if (!spa.ok) return spa;
      const xen = hostSide(p, domain, 'xen', spa.value);
      return call(p, 'xen', 'evtchn_2l_set_pending', { port }, () => setPending(xen, port));
    },
  );
  if (!sent.ok) return sent;
  return p.trace.span(
    'guest',
    domain.name,
    'xen_evtchn_do_upcall',
    {},
    () => takePending(guestSide(p, domain, page.value)),
    (ports) => ({ ports }),
  );
}

/** Sets a port's bit, and if it is not masked those that lead to it (Xen xen/common/event_2l.c). */
function setPending(page: Side, port: number): Outcome<null> {
  const word = Math.floor(port / 64) * 8;
  const set = orWord(page, SHARED_INFO.pending + word, 1n << BigInt(port % 64));
  if (!set.ok) return set;
  const mask = page.read(SHARED_INFO.mask + word, 8);
  if (!mask.ok) return mask;
  if ((readU64(mask.value, 0) >> BigInt(port % 64)) & 1n) return DONE;
  const selected = orWord(page, SHARED_INFO.pendingSel, 1n << BigInt(Math.floor(port / 64)));
  if (!selected.ok) return selected;
  const pending = page.write(SHARED_INFO.upcallPending, Uint8Array.of(1));
  return pending.ok ? DONE : pending;
}

function orWord(page: Side, at: number, bits: bigint): Outcome<null> {
  const old = page.read(at, 8);
  if (!old.ok) return old;
  const written = page.write(at, u64(readU64(old.value, 0) | bits));
  return written.ok ? DONE : written;
}

/** The guest's upcall: which ports are pending and not masked; it clears what it finds (Linux drivers/xen/events/events_2l.c). */
function takePending(page: Side): Outcome<number[]> {
  const cleared = page.write(SHARED_INFO.upcallPending, Uint8Array.of(0));
  if (!cleared.ok) return cleared;
  const selected = page.read(SHARED_INFO.pendingSel, 8);
  if (!selected.ok) return selected;
  const none = page.write(SHARED_INFO.pendingSel, u64(0n));
  if (!none.ok) return none;
  const ports: number[] = [];
  for (const word of bitsOf(readU64(selected.value, 0))) {
    const pending = page.read(SHARED_INFO.pending + word * 8, 8);
    if (!pending.ok) return pending;
    const mask = page.read(SHARED_INFO.mask + word * 8, 8);
    if (!mask.ok) return mask;
    const news = readU64(pending.value, 0) & ~readU64(mask.value, 0);
    for (const bit of bitsOf(news)) ports.push(word * 64 + bit);
    const left = page.write(SHARED_INFO.pending + word * 8, u64(readU64(pending.value, 0) & ~news));
    if (!left.ok) return left;
  }
  return ok(ports);
}

function bitsOf(word: bigint): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < SHARED_INFO.words; bit++) if ((word >> BigInt(bit)) & 1n) bits.push(bit);
  return bits;
}
