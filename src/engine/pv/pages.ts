import { PAGE_SIZE } from '../core/address';
import { u32 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { allocate } from '../guest/allocate';
import { convertPages } from '../guest/convert';
import { zero } from '../guest/kernelAccess';
import { isShared } from '../guest/memory';
import { BLOCK } from './layout';
import { PV_RULES } from './rules';
import { guestSide } from './sides';

/** The pages of a guest's PV interfaces, by the names under which its kernel keeps them. */
export const PV_PAGES = [
  'shared info',
  'grant table',
  'xenstore ring',
  'console ring',
  'block ring',
] as const;
export type PvPage = (typeof PV_PAGES)[number];

const find = (p: Platform, { id }: DomainCell, name: PvPage): number | null =>
  p.state.cell('guest', id)?.objects.find((object) => object.name === name && object.length === PAGE_SIZE)
    ?.address ?? null;

export const isConnected = (p: Platform, domain: DomainCell): boolean =>
  PV_PAGES.every((name) => find(p, domain, name) !== null);

/** The GVA of one of the pages. */
export function pageNamed(p: Platform, domain: DomainCell, name: PvPage): Outcome<number> {
  const at = find(p, domain, name);
  if (at !== null) return ok(at);
  const message = `${domain.name} has set up no ${name} yet.`;
  return p.trace.refused(
    refuse(PV_RULES.notConnected, 'ENODEV', message, { guest: domain.name, page: name }, 'pv.connect first.'),
  );
}

/** Takes a page for each interface, maps it shared or leaves it private, and makes it empty. Answers with their GVAs. */
export function setUpPages(
  p: Platform,
  domain: DomainCell,
  shared: boolean,
): Outcome<Record<PvPage, number>> {
  p.trace.fact('note', { what: 'PV pages', shared }, PV_RULES.pages);
  const places: Partial<Record<PvPage, number>> = {};
  for (const name of PV_PAGES) {
    const old = find(p, domain, name);
    const at = old !== null ? ok(old) : allocate(p, domain, { name, kind: 'bytes', length: PAGE_SIZE });
    if (!at.ok) return at;
    const ready = setUp(p, domain, name, at.value, shared);
    if (!ready.ok) return ready;
    places[name] = at.value;
  }
  return ok(places as Record<PvPage, number>);
}

function setUp(p: Platform, domain: DomainCell, name: PvPage, at: number, shared: boolean): Outcome<null> {
  if (isShared(p, domain, at) !== shared) {
    const changed = convertPages(p, domain, at, 1, { shared, flush: true, keep: false });
    if (!changed.ok) return changed;
  }
  const empty = zero(p, domain, at, 1);
  if (!empty.ok) return empty;
  return name === 'block ring' ? emptyBlockRing(p, domain, at) : DONE;
}

/** SHARED_RING_INIT: the next request and the next response are each worth an event. */
function emptyBlockRing(p: Platform, domain: DomainCell, at: number): Outcome<null> {
  const page = guestSide(p, domain, at);
  for (const index of [BLOCK.reqProd, BLOCK.rspProd]) {
    const set = page.write(index + 4, u32(1));
    if (!set.ok) return set;
  }
  return DONE;
}
