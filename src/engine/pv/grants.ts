import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { readU32 } from '../core/bytes';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { call, chain } from '../xen/trail';
import { GRANT } from './layout';
import { pageNamed } from './pages';
import { PV_RULES } from './rules';
import { gfnOf, guestSide, hostSide, machineFrame, notOwn, type Side } from './sides';

/** Domain-0's number, which entries name. */
const DOMAIN_0 = 0;

/** One version 1 entry, as somebody reads it. */
interface Entry {
  readonly flags: number;
  readonly domid: number;
  readonly frame: number;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >>> 8);
}

function readEntry(side: Side, ref: number): Outcome<Entry> {
  const bytes = side.read(ref * GRANT.entry, GRANT.entry);
  if (!bytes.ok) return bytes;
  const first = readU32(bytes.value, 0);
  return ok({ flags: first & 0xffff, domid: first >>> 16, frame: readU32(bytes.value, 4) });
}

/** The guest lets Domain-0 use the page of an address: frame and domain first, the flags last. Answers with the reference. */
export function grantPage(p: Platform, domain: DomainCell, at: number): Outcome<number> {
  const foreign = notOwn(domain, at);
  if (foreign) return foreign;
  const table = pageNamed(p, domain, 'grant table');
  if (!table.ok) return table;
  const frame = gfnOf(at);
  return p.trace.span(
    'guest',
    domain.name,
    'gnttab_grant_foreign_access',
    { domid: DOMAIN_0, frame },
    () => {
      const side = guestSide(p, domain, table.value);
      const ref = freeEntry(p, domain, side);
      if (!ref.ok) return ref;
      const entry = ref.value * GRANT.entry;
      const bytes = new Uint8Array(6);
      new DataView(bytes.buffer).setUint16(0, DOMAIN_0, true);
      new DataView(bytes.buffer).setUint32(2, frame, true);
      const named = side.write(entry + 2, bytes);
      if (!named.ok) return named;
      const open = side.write(entry, u16(GRANT.permitAccess));
      return open.ok ? ref : open;
    },
    (ref) => ({ ref }),
  );
}

/** The first entry that is not in use, read a line of eight at a time. */
function freeEntry(p: Platform, domain: DomainCell, side: Side): Outcome<number> {
  for (let first = GRANT.reserved; first < GRANT.entries; first += 8) {
    const line = side.read(first * GRANT.entry, 8 * GRANT.entry);
    if (!line.ok) return line;
    for (let i = 0; i < 8; i++)
      if ((readU32(line.value, i * GRANT.entry) & 0xffff) === 0) return ok(first + i);
  }
  const message = `${domain.name} has no free grant entry.`;
  return p.trace.refused(
    refuse(
      PV_RULES.tableFull,
      'ENOSPC',
      message,
      { entries: GRANT.entries },
      'A second frame, or fewer grants.',
    ),
  );
}

/** The guest takes a grant back (an entry that Xen still has marked as mapped it would have to leave). */
export const endGrant = (p: Platform, domain: DomainCell, ref: number): Outcome<null> =>
  p.trace.span('guest', domain.name, 'gnttab_end_foreign_access', { ref }, () => {
    const table = pageNamed(p, domain, 'grant table');
    if (!table.ok) return table;
    const closed = guestSide(p, domain, table.value).write(ref * GRANT.entry, u16(0));
    return closed.ok ? ok(null) : closed;
  });

/**
 * Domain-0 maps the machine frame behind a reference, does something with it and unmaps it again. Xen looks at the entry,
 * marks it as in use, and asks nobody for a key.
 */
export function withGranted<T>(
  p: Platform,
  domain: DomainCell,
  ref: number,
  write: boolean,
  body: (page: Side, spa: number) => Outcome<T>,
): Outcome<T> {
  const mapped = chain(
    p,
    [
      ['hypercall', 'GNTTABOP_map_grant_ref'],
      ['xen', 'do_grant_table_op'],
      ['xen', 'gnttab_map_grant_ref'],
    ],
    { dom: domain.id, ref, write },
    () => mapGrant(p, domain, ref, write),
  );
  if (!mapped.ok) return mapped;
  const done = body(hostSide(p, domain, 'domain-0', mapped.value), mapped.value);
  const unmapped = chain(
    p,
    [
      ['hypercall', 'GNTTABOP_unmap_grant_ref'],
      ['xen', 'do_grant_table_op'],
      ['xen', 'gnttab_unmap_grant_ref'],
    ],
    { dom: domain.id, ref },
    () => setFlags(p, domain, ref, 'gnttab_clear_flags', (flags) => flags & ~(GRANT.reading | GRANT.writing)),
  );
  return unmapped.ok ? done : unmapped;
}

/** The grant table as Xen sees it. */
function tableOfXen(p: Platform, domain: DomainCell): Outcome<Side> {
  const table = pageNamed(p, domain, 'grant table');
  if (!table.ok) return table;
  const spa = machineFrame(p, domain, table.value - GUEST_BASE);
  return spa.ok ? ok(hostSide(p, domain, 'xen', spa.value)) : spa;
}

function mapGrant(p: Platform, domain: DomainCell, ref: number, write: boolean): Outcome<number> {
  if (ref >= GRANT.entries)
    return p.trace.refused(
      refuse(
        PV_RULES.noReference,
        'GNTST_bad_gntref',
        `${domain.name}’s grant table has ${GRANT.entries} entries, and none is number ${ref}.`,
        { ref, entries: GRANT.entries },
        `A reference below ${GRANT.entries}.`,
      ),
    );
  const table = tableOfXen(p, domain);
  if (!table.ok) return table;
  const entry = readEntry(table.value, ref);
  if (!entry.ok) return entry;
  const { flags, domid, frame } = entry.value;
  const open = (flags & GRANT.typeMask) === GRANT.permitAccess && domid === DOMAIN_0;
  if (!open || (write && (flags & GRANT.readonly) !== 0))
    return p.trace.refused(
      refuse(
        PV_RULES.badEntry,
        'GNTST_general_error',
        `Bad flags (${flags.toString(16)}) or dom (${domid}); expected d${DOMAIN_0}.`,
        { ref, flags, domid },
        'An entry that permits Domain-0 access, in a table that Xen reads as the guest wrote it.',
      ),
    );
  const spa = machineFrame(p, domain, frame * PAGE_SIZE);
  if (!spa.ok) return spa;
  const marked = setFlags(
    p,
    domain,
    ref,
    '_set_status_v1',
    (old) => old | GRANT.reading | (write ? GRANT.writing : 0),
  );
  if (!marked.ok) return marked;
  p.trace.fact(
    'note',
    { what: 'granted frame mapped', ref, gfn: frame, spa: spa.value },
    PV_RULES.grantOfPrivate,
  );
  return spa;
}

/** Xen changes an entry's flags in place. */
const setFlags = (
  p: Platform,
  domain: DomainCell,
  ref: number,
  name: string,
  change: (flags: number) => number,
): Outcome<null> =>
  call(p, 'xen', name, { ref }, () => {
    const table = tableOfXen(p, domain);
    if (!table.ok) return table;
    const entry = readEntry(table.value, ref);
    if (!entry.ok) return entry;
    const set = table.value.write(ref * GRANT.entry, u16(change(entry.value.flags)));
    return set.ok ? ok(null) : set;
  });
