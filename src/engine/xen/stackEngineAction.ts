import { type ActionDefinition, defineAction } from '../core/action';
import { ok } from '../core/fault';
import { field } from '../core/fields';
import { z } from '../core/zod';
import { switchStackEngine } from '../cpu/stackEngine';
import { enterHost } from './domain';
import { onCore } from './onCore';

export const STACK_ENGINE_ACTION = defineAction({
  type: 'cpu.stack-engine',
  actor: 'hypervisor',
  title: 'Switch a stack engine',
  help: 'Writes MSR C001_1029 bit 19 from one thread: it belongs to the core, which a sibling thread shares where SMT is on (threads: 2 in the topology).',
  schema: z.strictObject({
    type: z.literal('cpu.stack-engine'),
    core: field.core('the thread that writes it'),
    off: field.flag('bit 19: the stack engine is off'),
  }),
  who: () => 'xen',
  describe: ({ core, off }) => `Xen switches the stack engine ${off ? 'off' : 'on'} from core ${core}`,
  suggest: () => ({ core: 0, off: true }),
  run: (p, { core, off }) =>
    onCore(p, core, (number) => {
      enterHost(p, number);
      return ok({ siblings: switchStackEngine(p, number, off) });
    }),
}) as unknown as ActionDefinition;
