import { type ActionDefinition, defineAction } from '../core/action';
import { hex, pageBase } from '../core/address';
import type { DomainCell } from '../core/cells';
import { type Fault, type Outcome, ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { z } from '../core/zod';
import { livingDomains } from './domains';
import { command, hostAddress, reclaimWith } from './driver/command';
import { needsGuest, withGuest } from './named';
import { frameBehind, remap } from './nested';
import { updateRmp } from './rmp';
import { suggestSpa } from './suggest';
import { call } from './trail';

const MOVE: Rule = {
  id: 'xen.page-move',
  says: 'To move a page of an SNP guest the hypervisor makes it Pre-Swap and the new one Pre-Guest, has the firmware encrypt it anew with SNP_PAGE_MOVE, and changes the nested entry.',
  source:
    'AMD-ASPFW sev_mcmd.c (snp_mcmd_page_move); heracles-attack/swap-attack-kmods. No Xen does it (hypothetical)',
  standing: 'published',
};

const impossible = (message: string, remedy: string): { readonly ok: false; readonly fault: Fault } =>
  refuse(MOVE, 'refused', message, {}, remedy);

/** The way there and back through the states of both pages; the guest keeps the page’s address and sees nothing. */
function move(
  p: Platform,
  domain: DomainCell,
  { gpa, to, flush }: { readonly gpa: number; readonly to: number; readonly flush: boolean },
): Outcome<Json> {
  const { name, asid, context } = domain;
  if (context === null)
    return impossible(`${name} is no guest with SEV-SNP.`, 'The firmware moves pages of SNP guests only.');
  const from = frameBehind(p, domain, gpa);
  if (from === null) return impossible(`${name} has no page at GPA ${hex(gpa)}.`, 'A mapped page.');
  if (from === to) return ok({ from: hex(from), to: hex(to) });
  const wanted = { assigned: true, asid, gpa, immutable: true };
  const target = updateRmp(p, to, wanted);
  if (!target.ok) return target;
  const source = updateRmp(p, from, wanted);
  if (!source.ok) return source;
  const moved = command(p, 'SNP_PAGE_MOVE', {
    GCTX_PADDR: hostAddress(p, context),
    SRC_PADDR: from,
    DST_PADDR: to,
  });
  if (moved.ok) {
    const mapped = remap(p, domain, gpa, to, flush);
    return mapped.ok ? ok({ from: hex(from), to: hex(to) }) : mapped;
  }
  const { buffer, spare } = p.state.need('driver');
  for (const spa of [from, to]) reclaimWith(p, spare ?? buffer)({ spa, large: false });
  return moved;
}

/** Has the secure processor encrypt a guest’s page at another place, and lets the guest find it there. */
export const MOVE_PAGE_ACTION = defineAction({
  type: 'xen.move-page',
  actor: 'hypervisor',
  title: 'Move a guest’s page',
  help: 'The secure processor encrypts a page of an SNP guest anew at another place (SNP_PAGE_MOVE), and Xen maps it there.',
  schema: z.strictObject({
    type: z.literal('xen.move-page'),
    guest: field.guest(),
    gpa: field.address('guest physical address of the page'),
    to: field.address('system physical address of its new place'),
    flush: z.optional(field.flag('flush all TLBs afterwards (default yes)')),
  }),
  who: () => 'xen',
  describe: ({ guest, gpa, to }) => `Xen has ${guest}’s page at GPA ${hex(gpa)} moved to ${hex(to)}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', gpa: 0x10000, to: suggestSpa(p) }),
  run: (p, { guest, gpa, to, flush }) =>
    withGuest(p, guest, (domain) =>
      call(p, 'xen', 'move page', { guest, gpa, to }, () => {
        p.trace.fact('note', { what: 'move a page', gpa, to }, MOVE);
        return move(p, domain, { gpa: pageBase(gpa), to: pageBase(to), flush: flush ?? true });
      }),
    ),
}) as unknown as ActionDefinition;
