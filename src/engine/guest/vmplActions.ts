import { type ActionDefinition, defineAction } from '../core/action';
import { hex } from '../core/address';
import { field } from '../core/fields';
import { capital } from '../core/words';
import { z } from '../core/zod';
import { EVENT_ACTIONS } from './eventActions';
import { LEVEL_ACTIONS } from './levelActions';
import { readyVcpu } from './ready';
import { SVSM_ACTIONS } from './svsm/actions';
import { adjustPage, maskOf, queryPage } from './vmplInstructions';
import { needsGuest, suggestPlace, withGuest } from './withGuest';

/** What a guest does with its privilege levels. */

const vcpu = z.optional(field.count('which vCPU, 0 by default', 0, 127));
const at = field.address('guest virtual address of the page');
const target = field.count('about which VMPL', 0, 255);
const may = (what: string) => z.optional(field.flag(`it may ${what} (default no)`));

const rmpadjust = defineAction({
  type: 'guest.rmpadjust',
  actor: 'guest',
  title: 'RMPADJUST',
  help: 'The guest’s kernel says what a less privileged VMPL may do with a page; VMPL0 also whether the page is a VMSA. A code other than SUCCESS is a refusal.',
  schema: z.strictObject({
    type: z.literal('guest.rmpadjust'),
    guest: field.guest(),
    at,
    vmpl: target,
    read: may('read'),
    write: may('write'),
    user: may('execute at CPL 3'),
    supervisor: may('execute below CPL 3'),
    vmsa: z.optional(field.flag('the page is a VMSA (default no)')),
    size: z.optional(field.choice('size of the page, 4K by default', ['4K', '2M'])),
    vcpu,
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, at: where, vmpl, ...allowed }) => {
    const mask = maskOf(flags(allowed));
    return `${capital(guest)}: RMPADJUST of ${hex(where)}, VMPL${vmpl} ${mask === 0 ? 'may do nothing' : `gets 0x${mask.toString(16)}`}`;
  },
  impossible: needsGuest,
  suggest: (p) => ({ ...suggestPlace(p), vmpl: 2, read: true }),
  run: (p, { guest, at: gva, vmpl, vmsa = false, size, vcpu: number, ...allowed }) =>
    withGuest(p, guest, (domain) => {
      const found = readyVcpu(p, domain, number ?? 0);
      if (!found.ok) return found;
      const permissions = maskOf(flags(allowed));
      return adjustPage(p, found.value, { gva, large: size === '2M', target: vmpl, permissions, vmsa });
    }),
});

const flags = ({
  read = false,
  write = false,
  user = false,
  supervisor = false,
}: {
  readonly read?: boolean | undefined;
  readonly write?: boolean | undefined;
  readonly user?: boolean | undefined;
  readonly supervisor?: boolean | undefined;
}) => ({ read, write, executeUser: user, executeSupervisor: supervisor });

const rmpquery = defineAction({
  type: 'guest.rmpquery',
  actor: 'guest',
  title: 'RMPQUERY',
  help: 'The guest’s kernel asks what a VMPL may do with a page. Genoa and later.',
  schema: z.strictObject({ type: z.literal('guest.rmpquery'), guest: field.guest(), at, vmpl: target, vcpu }),
  who: ({ guest }) => guest,
  describe: ({ guest, at: where, vmpl }) => `${capital(guest)}: RMPQUERY of ${hex(where)} for VMPL${vmpl}`,
  impossible: needsGuest,
  suggest: (p) => ({ ...suggestPlace(p), vmpl: 2 }),
  run: (p, { guest, at: gva, vmpl, vcpu: number }) =>
    withGuest(p, guest, (domain) => {
      const found = readyVcpu(p, domain, number ?? 0);
      return found.ok ? queryPage(p, found.value, gva, vmpl) : found;
    }),
});

export const VMPL_ACTIONS: readonly ActionDefinition[] = [
  rmpadjust,
  rmpquery,
  ...LEVEL_ACTIONS,
  ...SVSM_ACTIONS,
  ...EVENT_ACTIONS,
] as unknown as readonly ActionDefinition[];
