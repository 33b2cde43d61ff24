import { type ActionDefinition, defineAction } from '../core/action';
import { hex, PAGE_SIZE, pageBase } from '../core/address';
import type { DomainCell } from '../core/cells';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { shown } from '../core/shown';
import { z } from '../core/zod';
import { livingDomains } from './domains';
import { command, hostAddress, reclaimWith } from './driver/command';
import { giveToFirmware, takeBack } from './driver/handOver';
import { hostAccess } from './host';
import { needsGuest, withGuest } from './named';
import { frameBehind } from './nested';
import { call } from './trail';

const DEBUG: Rule = {
  id: 'xen.debug-decrypt',
  says: 'A debugger of encrypted guests asks the secure processor: DBG_DECRYPT and SNP_DBG_DECRYPT write plaintext into the host’s memory, where the guest’s policy allows it.',
  source: 'Linux arch/x86/kvm/svm/sev.c (sev_dbg_crypt). No Xen does it (hypothetical)',
  standing: 'published',
};

/** The plaintext’s page is the firmware’s while an SNP guest’s page is decrypted into it. */
function decrypted(p: Platform, { context, handle }: DomainCell, from: number, to: number): Outcome<unknown> {
  const pages = { SRC_PADDR: from, DST_PADDR: hostAddress(p, to) };
  if (context === null)
    return command(p, 'DBG_DECRYPT', { HANDLE: handle ?? 0, ...pages, LENGTH: PAGE_SIZE });
  const { buffer, spare } = p.state.need('driver');
  const reclaim = reclaimWith(p, spare ?? buffer);
  const page = [{ spa: to, large: false }];
  const given = giveToFirmware(p, page, reclaim);
  if (!given.ok) return given;
  const done = command(p, 'SNP_DBG_DECRYPT', { GCTX_PADDR: hostAddress(p, context), ...pages });
  const back = takeBack(p, page, reclaim);
  return done.ok ? back : done;
}

/** Where the page lies decrypted, and what the hypervisor then reads of it. */
function debugRead(p: Platform, domain: DomainCell, gpa: number, to: number, length: number): Outcome<Json> {
  const page = frameBehind(p, domain, pageBase(gpa));
  if (page === null)
    return refuse(
      DEBUG,
      'refused',
      `${domain.name} has no page at GPA ${hex(gpa)}.`,
      { gpa },
      'A mapped page.',
    );
  const done = decrypted(p, domain, page, to);
  if (!done.ok) return done;
  const seen = hostAccess(p, 0, 'read', to + (gpa % PAGE_SIZE), 'mapped', length);
  return seen.ok ? ok(shown(seen.value)) : seen;
}

/** Has the secure processor decrypt a guest’s page. */
export const DEBUG_ACTION = defineAction({
  type: 'xen.debug-read',
  actor: 'hypervisor',
  title: 'Read a guest as its debugger',
  help: 'The secure processor decrypts a page of a guest into Xen’s memory (DBG_DECRYPT, SNP_DBG_DECRYPT), and Xen reads there.',
  schema: z.strictObject({
    type: z.literal('xen.debug-read'),
    guest: field.guest(),
    gpa: field.address('guest physical address'),
    to: field.address('a page of Xen’s own for the plaintext'),
    length: z.optional(field.count('bytes of the page, 64 by default', 1, PAGE_SIZE)),
  }),
  who: () => 'xen',
  describe: ({ guest, gpa }) => `Xen debugs ${guest}: GPA ${hex(gpa)}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', gpa: 0x10000, to: 0x80000, length: 64 }),
  run: (p, { guest, gpa, to, length }) =>
    withGuest(p, guest, (domain) =>
      call(p, 'xen', 'debug a guest', { guest, gpa, to }, () => {
        p.trace.fact('note', { what: 'debug', gpa, to }, DEBUG);
        return debugRead(p, domain, gpa, pageBase(to), Math.min(length ?? 64, PAGE_SIZE - (gpa % PAGE_SIZE)));
      }),
    ),
}) as unknown as ActionDefinition;
