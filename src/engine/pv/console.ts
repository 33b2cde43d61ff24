import type { DomainCell } from '../core/cells';
import { type Outcome, ok } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { notifyDomain0 } from './events';
import { CONSOLE } from './layout';
import { pageNamed } from './pages';
import { consume, produce } from './ring';
import { PV_RULES } from './rules';
import { foreignPage, guestSide } from './sides';

/**
 * The guest prints: text into its console ring, an event to Domain-0, where xenconsoled takes from the ring what it can
 * read. Answers with what it printed, and with what lies in its mapping where the guest put the text.
 */
export function print(p: Platform, domain: DomainCell, text: string): Outcome<JsonObject> {
  const page = pageNamed(p, domain, 'console ring');
  if (!page.ok) return page;
  const bytes = new TextEncoder().encode(`${text}\n`);
  const at = p.trace.span('guest', domain.name, 'domU_write_console', { length: bytes.length }, () => {
    const side = guestSide(p, domain, page.value);
    const put = produce(p, side, CONSOLE.out, bytes);
    return put.ok ? ok(put.value % CONSOLE.out.size) : put;
  });
  if (!at.ok) return at;
  const told = notifyDomain0(p, domain, 'console');
  if (!told.ok) return told;
  return p.trace.span('toolstack', 'domain-0', 'xenconsoled: handle_ring_read', { guest: domain.name }, () =>
    readRing(p, domain, page.value, at.value, bytes.length),
  );
}

function readRing(
  p: Platform,
  domain: DomainCell,
  page: number,
  at: number,
  length: number,
): Outcome<JsonObject> {
  const side = foreignPage(p, domain, page);
  if (!side.ok) return side;
  const saw = side.value.read(CONSOLE.out.at + at, Math.min(length, CONSOLE.out.size - at));
  if (!saw.ok) return saw;
  const taken = consume(p, side.value, CONSOLE.out);
  // xenconsoled goes on without a word when the indices make no sense (buffer_append).
  if (!taken.ok && taken.fault.rule.id !== PV_RULES.ringIndex.id) return taken;
  const printed = taken.ok ? new TextDecoder().decode(taken.value) : '';
  for (const line of printed.split('\n').slice(0, -1)) p.trace.fact('note', { what: 'terminal', line });
  return ok({ printed: printed.trimEnd(), saw: shown(saw.value) });
}
