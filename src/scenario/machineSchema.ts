import { partialConfigSchema } from '../engine/configSchema';
import { described, z } from '../engine/core/zod';
import { size } from './fields';

const MIB = 2 ** 20;

/** A machine in a scenario file: as in a configuration, but its memory may be written `16 MiB`. */
export const machine = z.extend(partialConfigSchema, {
  memory: described(z.optional(size(4 * MIB, 2 ** 40)), { description: 'Bytes of DRAM, or 16 MiB' }),
});
