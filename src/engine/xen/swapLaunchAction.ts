import { type ActionDefinition, defineAction } from '../core/action';
import { BLOCK_SIZE, hex, PAGE_SIZE } from '../core/address';
import { ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import { z } from '../core/zod';

const ONE_PAGE: Rule = {
  id: 'xen.swap-in-page',
  says: 'Here Xen exchanges two different blocks of 16 bytes of one page.',
  source: 'this simulator: the paper permutes blocks anywhere',
  standing: 'modelled',
};

/** From now on Xen exchanges two blocks of each guest that it launches, and hands them over in the order of the image. */
export const SWAP_LAUNCH_ACTION = defineAction({
  type: 'xen.swap-launch',
  actor: 'hypervisor',
  title: 'Swap blocks of a launch',
  help: 'From now on Xen exchanges two blocks of the first memory of each guest, and hands all of it to the secure processor in the order of the image.',
  schema: z.strictObject({
    type: z.literal('xen.swap-launch'),
    first: field.address('guest physical address of one block'),
    second: field.address('that of the other, in the same page'),
  }),
  who: () => 'xen',
  describe: ({ first, second }) => `Xen will exchange the blocks at GPA ${hex(first)} and ${hex(second)}`,
  suggest: () => ({ first: 0x5000, second: 0x5400 }),
  run: (p, { first, second }) => {
    const blocks = [first, second].every((at) => at % BLOCK_SIZE === 0);
    const page = Math.floor(first / PAGE_SIZE) === Math.floor(second / PAGE_SIZE);
    if (!blocks || !page || first === second)
      return refuse(ONE_PAGE, 'refused', ONE_PAGE.says, { first, second }, 'Two blocks of one page.');
    p.trace.patch('xen', 0, { swap: [first, second] });
    return ok(null);
  },
}) as unknown as ActionDefinition;
