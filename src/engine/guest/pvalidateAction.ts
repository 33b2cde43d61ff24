import { type ActionDefinition, defineAction } from '../core/action';
import { hex } from '../core/address';
import { field } from '../core/fields';
import { capital } from '../core/words';
import { z } from '../core/zod';
import { pvalidatePage } from './accept';
import { needsGuest, suggestPlace, withGuest } from './withGuest';

/** PVALIDATE by hand: the kernel does as it is told, even what it would not do by itself. */
export const PVALIDATE_ACTION = defineAction({
  type: 'guest.pvalidate',
  actor: 'guest',
  title: 'PVALIDATE',
  help: 'The guest’s kernel accepts a page or gives it up. CF tells that nothing has changed; a code other than SUCCESS is a refusal.',
  schema: z.strictObject({
    type: z.literal('guest.pvalidate'),
    guest: field.guest(),
    at: field.address('guest virtual address of the page'),
    validated: z.optional(field.flag('accept it (default yes), or give it up')),
    size: z.optional(field.choice('size of the page, 4K by default', ['4K', '2M'])),
  }),
  who: ({ guest }) => guest,
  describe: ({ guest, at, validated }) =>
    `${capital(guest)}: PVALIDATE ${validated === false ? 'gives up' : 'accepts'} ${hex(at)}`,
  impossible: needsGuest,
  suggest: (p) => ({ ...suggestPlace(p), validated: true, size: '4K' }),
  run: (p, { guest, at, validated = true, size }) =>
    withGuest(p, guest, (domain) => pvalidatePage(p, domain, { gva: at, large: size === '2M', validated })),
}) as unknown as ActionDefinition;
