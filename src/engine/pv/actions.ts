import { type ActionDefinition, defineAction } from '../core/action';
import { GUEST_BASE, hex, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { type Fault, type Outcome, ok, refuse } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { capital } from '../core/words';
import { z } from '../core/zod';
import { DOMAIN_RULES, domainNamed, notScheduled } from '../xen/domain';
import { livingDomains } from '../xen/domains';
import { moveSector } from './block';
import { connect } from './connect';
import { print } from './console';
import { grantPage, withGranted } from './grants';
import { BLOCK, GRANT } from './layout';
import { isConnected, PV_PAGES } from './pages';
import { PV_RULES } from './rules';
import { readStore } from './store';

/** Bytes of a granted page that Domain-0 shows. */
const SAMPLE = 64;

function needsGuest(p: Platform): Fault | null {
  if (livingDomains(p).length > 0) return null;
  const remedy = 'A guest would have to be created first.';
  return refuse(DOMAIN_RULES.none, 'refused', 'There is no guest yet.', {}, remedy).fault;
}

const connected = (p: Platform): DomainCell | undefined =>
  livingDomains(p).find((domain) => isConnected(p, domain));

function needsConnected(p: Platform): Fault | null {
  const none = needsGuest(p);
  if (none || connected(p)) return none;
  const message = 'No guest has set up its PV pages yet.';
  return refuse(PV_RULES.notConnected, 'refused', message, {}, 'pv.connect first.').fault;
}

function withGuest<T>(p: Platform, name: string, body: (domain: DomainCell) => Outcome<T>): Outcome<T> {
  const domain = domainNamed(p, name);
  if (!domain.ok) return domain;
  const stopped = notScheduled(domain.value);
  return stopped ? p.trace.refused(stopped) : body(domain.value);
}

/** The connected guest, and the last thing that it put down beside its PV pages. */
function suggestPlace(p: Platform): { guest: string; at: number } {
  const domain = connected(p);
  const own: readonly string[] = PV_PAGES;
  const objects = domain ? p.state.cell('guest', domain.id)?.objects : undefined;
  const object = objects?.findLast(
    ({ kind, name }) => (kind === 'text' || kind === 'bytes') && !own.includes(name),
  );
  return { guest: domain?.name ?? '', at: object?.address ?? GUEST_BASE };
}

const at = field.address('guest virtual address');

const connectAction = defineAction({
  type: 'pv.connect',
  actor: 'guest',
  title: 'Set up PV pages',
  help: 'The guest’s kernel sets up shared_info, grant table and rings for Domain-0; an encrypted guest must share them.',
  schema: z.strictObject({
    type: z.literal('pv.connect'),
    guest: field.guest(),
    shared: z.optional(field.flag('clear the C-bit of these pages (default yes)')),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, shared }) =>
    `${capital(guest)} sets up its PV pages${shared === false ? ' and forgets to share them' : ''}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', shared: true }),
  run: (p, { guest, shared }) => withGuest(p, guest, (domain) => connect(p, domain, shared ?? true)),
});

const printAction = defineAction({
  type: 'pv.print',
  actor: 'guest',
  title: 'Print to the PV console',
  help: 'The guest puts text into its console ring and sends an event; xenconsoled in Domain-0 prints what it can read.',
  schema: z.strictObject({
    type: z.literal('pv.print'),
    guest: field.guest(),
    text: field.text('what to print', 256),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest }) => `${capital(guest)} prints to its console`,
  impossible: needsConnected,
  suggest: (p) => ({ guest: suggestPlace(p).guest, text: 'login:' }),
  run: (p, { guest, text }) => withGuest(p, guest, (domain): Outcome<Json> => print(p, domain, text)),
});

const xenstore = defineAction({
  type: 'pv.xenstore',
  actor: 'guest',
  title: 'Ask the xenstore',
  help: 'The guest reads a path of the xenstore over its ring: name, domid or memory/target.',
  schema: z.strictObject({
    type: z.literal('pv.xenstore'),
    guest: field.guest(),
    path: field.text('the path, below the guest’s own', 256),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, path }) => `${capital(guest)} asks the xenstore for ${path}`,
  impossible: needsConnected,
  suggest: (p) => ({ guest: suggestPlace(p).guest, path: 'name' }),
  run: (p, { guest, path }) => withGuest(p, guest, (domain): Outcome<Json> => readStore(p, domain, path)),
});

const grant = defineAction({
  type: 'pv.grant',
  actor: 'guest',
  title: 'Grant a page',
  help: 'The guest lets Domain-0 map one of its pages: an entry of its grant table, private or shared page alike.',
  schema: z.strictObject({ type: z.literal('pv.grant'), guest: field.guest(), at }),
  who: ({ guest }) => guest,
  describe: ({ guest, at: where }) => `${capital(guest)} grants ${hex(where)} to Domain-0`,
  impossible: needsConnected,
  suggest: suggestPlace,
  run: (p, { guest, at: where }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      const ref = grantPage(p, domain, where);
      return ref.ok ? ok({ ref: ref.value, frame: Math.floor((where - GUEST_BASE) / PAGE_SIZE) }) : ref;
    }),
});

const map = defineAction({
  type: 'pv.map',
  actor: 'toolstack',
  title: 'Map a granted page',
  help: 'A backend in Domain-0 maps the machine frame behind a grant reference and reads its first bytes.',
  schema: z.strictObject({
    type: z.literal('pv.map'),
    guest: field.guest(),
    ref: field.count('grant reference', 0, 0xffffffff),
  }),
  who: () => 'domain-0',
  describe: ({ guest, ref }) => `Domain-0 maps ${capital(guest)}’s grant ${ref}`,
  impossible: needsConnected,
  suggest: (p) => ({ guest: suggestPlace(p).guest, ref: GRANT.reserved + 1 }),
  run: (p, { guest, ref }) =>
    withGuest(p, guest, (domain) =>
      withGranted(p, domain, ref, false, (page, spa): Outcome<Json> => {
        const seen = page.read(0, SAMPLE);
        return seen.ok ? ok({ ref, spa, ...shown(seen.value) }) : seen;
      }),
    ),
});

const block = defineAction({
  type: 'pv.block',
  actor: 'guest',
  title: 'Use the PV disk',
  help: 'The guest’s block driver writes a sector to the disk or reads one, through a shared bounce page or directly.',
  schema: z.strictObject({
    type: z.literal('pv.block'),
    guest: field.guest(),
    direction: field.choice('to the disk or from it', ['write', 'read']),
    at,
    via: field.choice('the way', ['bounce', 'direct']),
    data: z.optional(field.data('what the disk holds (read)')),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, direction, via }) =>
    `${capital(guest)} ${direction === 'write' ? 'writes to' : 'reads from'} its disk${via === 'bounce' ? ' through the bounce page' : ', without a bounce page'}`,
  impossible: needsConnected,
  suggest: (p) => ({ ...suggestPlace(p), direction: 'write', via: 'bounce' }),
  run: (p, { guest, direction, at: where, via, data }) =>
    withGuest(p, guest, (domain): Outcome<Json> => {
      const disk = dataBytes(data ?? 'a sector of the disk').subarray(0, BLOCK.sector);
      return moveSector(p, domain, { direction, via, at: where, disk });
    }),
});

export const PV_ACTIONS: readonly ActionDefinition[] = [
  connectAction,
  printAction,
  xenstore,
  grant,
  map,
  block,
] as unknown as readonly ActionDefinition[];
