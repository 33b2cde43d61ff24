import { type ActionDefinition, defineAction } from '../core/action';
import { ok } from '../core/fault';
import { field } from '../core/fields';
import { z } from '../core/zod';
import { livingDomains } from './domains';
import { patchVcpus, vcpusOf } from './exits/vcpus';
import { needsGuest, withGuest } from './named';

const WAYS = ['honest', 'nothing', 'other-guest', 'other-address'] as const;

const SAYS: Readonly<Record<(typeof WAYS)[number], string>> = {
  honest: 'changes page states as it is asked to',
  nothing: 'says that page states are changed, and changes nothing',
  'other-guest': 'assigns pages to somebody else',
  'other-address': 'assigns pages for another address',
};

/** How Xen serves page state changes from now on. */
export const PAGE_STATE_ACTION = defineAction({
  type: 'xen.page-states',
  actor: 'hypervisor',
  title: 'Cheat at page state changes',
  help: 'From now on Xen answers “done” when this guest asks for pages to be made private or shared, and does nothing, or something else, or what it was asked.',
  schema: z.strictObject({
    type: z.literal('xen.page-states'),
    guest: field.guest(),
    how: field.choice('nothing at all, for another guest, for another address, or as asked', WAYS),
  }),
  who: () => 'xen',
  describe: ({ guest, how }) => `Xen ${SAYS[how]} (${guest})`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p)[0]?.name ?? '', how: 'nothing' }),
  run: (p, { guest, how }) =>
    withGuest(p, guest, (domain) => {
      const { pageStates: _, ...rest } = vcpusOf(p, domain);
      if (how === 'honest') p.trace.set('vcpus', domain.id, rest);
      else patchVcpus(p, domain, { pageStates: how });
      return ok(null);
    }),
}) as unknown as ActionDefinition;
