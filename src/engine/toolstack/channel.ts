import { PAGE_SIZE } from '../core/address';
import { DONE, type Outcome, ok, refuse } from '../core/fault';
import { OWNER_GUEST, OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { hostStructureKey } from '../cpu/mode';
import { peekBytes } from '../memory/cache';
import { streamWrite } from '../memory/fill';
import { giveBack, NO_MEMORY, takeFrames } from '../xen/frames';

/** Domain-0’s number as a writer. */
const DOMAIN_0 = OWNER_GUEST;
const COMPLEX = 0;

/** Memory of a host for what commands read and write: neighbouring pages, given back afterwards. */
export function withPages<T>(p: Platform, count: number, body: (at: number) => Outcome<T>): Outcome<T> {
  const taken = takeFrames(p, 'heap', count, OWNER_HYPERVISOR);
  if (!taken.ok) return taken;
  const [run] = taken.value;
  if (!run || run[1] < count) {
    giveBack(p, 'heap', taken.value);
    return p.trace.refused(
      refuse(NO_MEMORY, 'ENOMEM', `${count} neighbouring pages are not free.`, { count }, 'Fewer guests.'),
    );
  }
  const done = body(run[0] * PAGE_SIZE);
  giveBack(p, 'heap', taken.value);
  return done;
}

export const readPages = (p: Platform, at: number, length: number): Uint8Array =>
  peekBytes(p, COMPLEX, at, length, hostStructureKey(p)).slice();

/** Bytes that came over the network, or that Domain-0 made: padded to whole pages. */
export function putPages(p: Platform, at: number, bytes: Uint8Array): Outcome<null> {
  const padded = new Uint8Array(Math.ceil(bytes.length / PAGE_SIZE) * PAGE_SIZE);
  padded.set(bytes);
  for (let done = 0; done < padded.length; done += PAGE_SIZE)
    streamWrite(p, at + done, padded.subarray(done, done + PAGE_SIZE), hostStructureKey(p), DOMAIN_0);
  return DONE;
}

/** Takes bytes from one host’s memory to the other’s. */
export function carry(
  from: Platform,
  at: number,
  length: number,
  to: Platform,
  target: number,
): Outcome<Uint8Array> {
  const bytes = readPages(from, at, length);
  to.trace.fact('note', { what: 'over the network', bytes: length });
  putPages(to, target, bytes);
  return ok(bytes);
}
