import { readU32, u32 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, refuse } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import { notifyDomain0, notifyGuest } from './events';
import { PORTS, XENSTORE, XENSTORE_ERROR, XS } from './layout';
import { pageNamed } from './pages';
import { consume, produce } from './ring';
import { PV_RULES } from './rules';
import { foreignPage, guestSide, type Side } from './sides';

/** The guest asks for one thing at a time, and so its requests may all have the same number. */
const REQUEST_ID = 1;
const KIB = 1024;

/** What stands below /local/domain/N for a guest: the few nodes that a kernel asks for first. */
const nodesOf = ({ id, name, memory }: DomainCell): ReadonlyMap<string, string> =>
  new Map([
    ['name', name],
    ['domid', String(id)],
    // A directory, which has no value of its own.
    ['memory', ''],
    ['memory/target', String(memory / KIB)],
  ]);

interface Message {
  readonly type: number;
  readonly id: number;
  readonly payload: Uint8Array;
}

function encode({ type, id, payload }: Message): Uint8Array {
  const out = new Uint8Array(XS.header + payload.length);
  for (const [i, word] of [type, id, 0, payload.length].entries()) out.set(u32(word), i * 4);
  out.set(payload, XS.header);
  return out;
}

/** A message that fills the bytes exactly, or null. */
function decode(bytes: Uint8Array): Message | null {
  if (bytes.length < XS.header || readU32(bytes, 12) !== bytes.length - XS.header) return null;
  return { type: readU32(bytes, 0), id: readU32(bytes, 4), payload: bytes.subarray(XS.header) };
}

/** A text with the NUL at its end that requests and errors carry. */
const text = (words: string): Uint8Array => new TextEncoder().encode(`${words}\0`);
const words = (payload: Uint8Array): string => new TextDecoder().decode(payload).replace(/\0$/, '');

/** XS_READ of a path over the ring, from the request to the answer as the guest reads it. */
export function readStore(p: Platform, domain: DomainCell, path: string): Outcome<JsonObject> {
  const page = pageNamed(p, domain, 'xenstore ring');
  if (!page.ok) return page;
  const guest = guestSide(p, domain, page.value);
  const asked = p.trace.span('guest', domain.name, 'xenbus_read', { path }, () =>
    produce(p, guest, XENSTORE.req, encode({ type: XS.read, id: REQUEST_ID, payload: text(path) })),
  );
  if (!asked.ok) return asked;
  const told = notifyDomain0(p, domain, 'xenstore');
  if (!told.ok) return told;
  const handled = p.trace.span(
    'toolstack',
    'domain-0',
    'xenstored: handle_input',
    { guest: domain.name },
    () => serve(p, domain, page.value),
  );
  if (!handled.ok) return handled;
  const ports = notifyGuest(p, domain, 'xenstore');
  if (!ports.ok) return ports;
  if (!ports.value.includes(PORTS.xenstore)) return noAnswer(p, domain, 'was never woken');
  return p.trace.span('guest', domain.name, 'xenbus_thread', {}, () => {
    const bytes = consume(p, guest, XENSTORE.rsp);
    if (!bytes.ok) return bytes;
    const answer = decode(bytes.value);
    if (answer?.id !== REQUEST_ID) return noAnswer(p, domain, 'reads something else in the ring');
    const value = words(answer.payload);
    const answered: JsonObject = answer.type === XS.read ? { path, value } : { path, error: value };
    return ok(answered);
  });
}

/** What xenstored does: one request, one answer. A ring with impossible indices it does not serve any more. */
function serve(p: Platform, domain: DomainCell, page: number): Outcome<null> {
  const side = foreignPage(p, domain, page);
  if (!side.ok) return side;
  const bytes = consume(p, side.value, XENSTORE.req);
  if (!bytes.ok) return bytes.fault.rule.id === PV_RULES.ringIndex.id ? ignore(side.value, bytes) : bytes;
  const answer = p.trace.call('toolstack', 'domain-0', 'do_read', {}, () =>
    answerTo(domain, decode(bytes.value)),
  );
  const sent = p.trace.span('toolstack', 'domain-0', 'send_reply', { type: answer.type }, () =>
    produce(p, side.value, XENSTORE.rsp, encode(answer)),
  );
  return sent.ok ? ok(null) : sent;
}

/** ignore_connection: the reason goes into the page, if the guest could read it. */
function ignore<T extends Outcome<never>>(side: Side, why: T): Outcome<never> {
  const told = side.write(XENSTORE_ERROR.at, u32(XENSTORE_ERROR.badIndex));
  return told.ok ? why : told;
}

function answerTo(domain: DomainCell, request: Message | null): Message {
  const id = request?.id ?? 0;
  if (request?.type !== XS.read) return { type: XS.error, id, payload: text('EINVAL') };
  const home = `/local/domain/${domain.id}/`;
  const path = words(request.payload);
  const value = nodesOf(domain).get(path.startsWith(home) ? path.slice(home.length) : path);
  return value === undefined
    ? { type: XS.error, id, payload: text('ENOENT') }
    : { type: XS.read, id, payload: new TextEncoder().encode(value) };
}

const noAnswer = (p: Platform, { name }: DomainCell, why: string): Outcome<never> =>
  p.trace.refused(
    refuse(
      PV_RULES.answer,
      'EIO',
      `${name} ${why}, and waits for an answer.`,
      { guest: name },
      'Rings and shared_info that both sides read alike.',
    ),
  );
