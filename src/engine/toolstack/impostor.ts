import { CERTIFICATE_BYTES } from '../asp/crypto/certificate';
import { PACKET_HEADER_BYTES } from '../asp/crypto/packet';
import { SESSION_BYTES } from '../asp/crypto/session';
import { impostorChain, openAsImpostor } from '../asp/impostor';
import { type ActionDefinition, defineAction } from '../core/action';
import { hex, PAGE_SIZE, pageBase } from '../core/address';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { z } from '../core/zod';
import { domainNamed } from '../xen/domain';
import { livingDomains } from '../xen/domains';
import { command, hostAddress } from '../xen/driver/command';
import { hostAccess } from '../xen/host';
import { frameBehind } from '../xen/nested';
import { suggestSpa } from '../xen/suggest';
import { call } from '../xen/trail';
import { putPages, withPages } from './channel';
import { handleToSend } from './migrate';

/** A guest is sent to a platform that somebody has made up: certificates and keys without a chip behind them. */
const IMPOSTOR_RULES = {
  shown: {
    id: 'impostor.certificates',
    says: 'To the sender a receiver is a chain of certificates. Whoever has the endorsement key of one chip can sign for a platform that is none.',
    source: 'Buhren, Werling, Seifert, Insecure Until Proven Updated (CCS 2019), section 5',
    standing: 'published',
  },
  opened: {
    id: 'impostor.opens',
    says: 'Who has the receiver’s private key computes the same secret as the sender’s firmware, unwraps the transport keys and decrypts each packet.',
    source: 'AMD-ASPFW sev_channel.c (sev_channel_open_client); PSPReverse/amd-sev-migration-attack',
    standing: 'published',
  },
  other: {
    id: 'impostor.not-for-it',
    says: 'A packet opens only with the session and the keys for which it was made.',
    source: 'AMD-ASPFW sev_channel.c (WRAP_MAC), sev_mcmd.c (packet MAC)',
    standing: 'published',
  },
  page: {
    id: 'impostor.no-page',
    says: 'Only a page that the guest has can be sent.',
    source: 'this simulator',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** Where things lie in the first of the two pages that the host keeps of a packet; its data is the second. */
const KEPT = { session: 0, header: 0x100, sender: 0x400 } as const;

/** Pages for the impostor’s certificates: PDH and the three behind it, ASK and ARK, and what the sender shows itself. */
const PAGES = { chain: 0, amd: 3, own: 4, count: 6 } as const;

/** SEND_START for the impostor, SEND_UPDATE_DATA of one page, and SEND_CANCEL: the guest runs on. */
function sendPage(p: Platform, domain: DomainCell, gpa: number, to: number): Outcome<Json> {
  const handle = handleToSend(p, domain);
  if (!handle.ok) return handle;
  const page = frameBehind(p, domain, pageBase(gpa));
  if (page === null)
    return refuse(
      IMPOSTOR_RULES.page,
      'refused',
      `${domain.name} has no page at GPA ${hex(gpa)}.`,
      { gpa },
      'A page of the guest.',
    );
  return withPages(p, PAGES.count, (at): Outcome<Json> => {
    const started = start(p, handle.value, at, to);
    if (!started.ok) return started;
    const sent = command(p, 'SEND_UPDATE_DATA', {
      HANDLE: handle.value,
      HDR_PADDR: hostAddress(p, to + KEPT.header),
      HDR_LEN: PACKET_HEADER_BYTES,
      GUEST_PADDR: hostAddress(p, page),
      GUEST_LEN: PAGE_SIZE,
      TRANS_PADDR: hostAddress(p, to + PAGE_SIZE),
      TRANS_LEN: PAGE_SIZE,
    });
    const cancelled = command(p, 'SEND_CANCEL', { HANDLE: handle.value });
    if (!sent.ok) return sent;
    return cancelled.ok ? ok({ guest: domain.name, gpa, session: to, packet: to + PAGE_SIZE }) : cancelled;
  });
}

/** The impostor’s certificates in memory, a session for its PDH, and the sender’s PDH beside it. */
function start(p: Platform, handle: number, at: number, to: number): Outcome<unknown> {
  const { pdh, others, amd } = impostorChain(p);
  p.trace.fact('note', { what: 'over the network', sent: 'certificates' }, IMPOSTOR_RULES.shown);
  const chain = new Uint8Array(pdh.length + others.length);
  chain.set(pdh);
  chain.set(others, pdh.length);
  putPages(p, at, chain);
  putPages(p, at + PAGES.amd * PAGE_SIZE, amd);
  const started = command(p, 'SEND_START', {
    HANDLE: handle,
    PDH_CERT_PADDR: hostAddress(p, at),
    PDH_CERT_LEN: pdh.length,
    PLAT_CERTS_PADDR: hostAddress(p, at + pdh.length),
    PLAT_CERTS_LEN: others.length,
    AMD_CERTS_PADDR: hostAddress(p, at + PAGES.amd * PAGE_SIZE),
    AMD_CERTS_LEN: amd.length,
    SESSION_PADDR: hostAddress(p, to + KEPT.session),
    SESSION_LEN: SESSION_BYTES,
  });
  if (!started.ok) return started;
  return command(p, 'PDH_CERT_EXPORT', {
    PDH_PADDR: hostAddress(p, to + KEPT.sender),
    PDH_LEN: CERTIFICATE_BYTES,
    CERTS_PADDR: hostAddress(p, at + PAGES.own * PAGE_SIZE),
    CERTS_LEN: others.length,
  });
}

/** What the holder of the impostor’s key makes of a packet that lies in the host’s memory. */
function open(p: Platform, at: number, offset: number, length: number): Outcome<Json> {
  const seen = hostAccess(p, 0, 'read', at, 'mapped', 2 * PAGE_SIZE);
  if (!seen.ok) return seen;
  const part = (from: number, bytes: number) => seen.value.slice(from, from + bytes);
  const plain = openAsImpostor(p, {
    session: part(KEPT.session, SESSION_BYTES),
    sender: part(KEPT.sender, CERTIFICATE_BYTES),
    header: part(KEPT.header, PACKET_HEADER_BYTES),
    data: part(PAGE_SIZE, PAGE_SIZE),
  });
  if (!plain)
    return p.trace.refused(
      refuse(
        IMPOSTOR_RULES.other,
        'refused',
        `No packet for the impostor lies at ${hex(at)}.`,
        { at },
        'What dom0.impostor has left there.',
      ),
    );
  const bytes = plain.subarray(offset, offset + length);
  const address = at + PAGE_SIZE + offset;
  const worked = { actor: 'xen', principal: OWNER_HYPERVISOR, address, gpa: null, spa: address };
  p.trace.fact(
    'saw',
    { ...worked, length: bytes.length, key: 'worked out', private: false, hidden: true },
    IMPOSTOR_RULES.opened,
    bytes,
  );
  return ok(shown(bytes));
}

const impostor = defineAction({
  type: 'dom0.impostor',
  actor: 'toolstack',
  title: 'Send a page to an impostor',
  help: 'Domain-0 has the secure processor send a page of a guest (SEND_START, SEND_UPDATE_DATA, SEND_CANCEL) to a platform that exists on paper only: certificates of the attacker’s, signed with the chip’s endorsement key if old firmware has given that away, else with another one.',
  schema: z.strictObject({
    type: z.literal('dom0.impostor'),
    guest: field.guest(),
    gpa: field.address('guest physical address'),
    to: field.address('two pages of Xen’s own, for the session and for the packet'),
  }),
  who: () => 'toolstack',
  describe: ({ guest, gpa }) => `Send ${guest}’s GPA ${hex(gpa)} to an impostor`,
  impossible: (p) => {
    if (livingDomains(p).length > 0) return null;
    const found = domainNamed(p, '');
    return found.ok ? null : found.fault;
  },
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', gpa: 0x10000, to: suggestSpa(p) }),
  run: (p, { guest, gpa, to }) => {
    const domain = domainNamed(p, guest);
    if (!domain.ok) return domain;
    return call(p, 'xen', 'send to an impostor', { guest, gpa, to }, () =>
      sendPage(p, domain.value, gpa, pageBase(to)),
    );
  },
});

const openPacket = defineAction({
  type: 'dom0.open-packet',
  actor: 'toolstack',
  title: 'Open an impostor’s packet',
  help: 'Whoever has the impostor’s private key unwraps the transport keys of a packet and decrypts it, without any chip.',
  schema: z.strictObject({
    type: z.literal('dom0.open-packet'),
    at: field.address('where dom0.impostor has left session and packet'),
    offset: z.optional(field.count('from which byte of the page, 0 by default', 0, PAGE_SIZE - 16)),
    length: z.optional(field.count('bytes, 64 by default', 1, PAGE_SIZE)),
  }),
  who: () => 'toolstack',
  describe: ({ at }) => `Open the impostor’s packet at ${hex(at)}`,
  suggest: (p) => ({ at: suggestSpa(p) }),
  run: (p, { at, offset = 0, length = 64 }) => open(p, pageBase(at), offset, length),
});

export const IMPOSTOR_ACTIONS: readonly ActionDefinition[] = [
  impostor,
  openPacket,
] as unknown as readonly ActionDefinition[];
