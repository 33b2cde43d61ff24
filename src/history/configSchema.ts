import { z } from 'zod';
import { PAGE_SIZE } from '../engine/core/address';
import { GENERATIONS, type MachineConfig, SME_POLICIES, TECHNOLOGIES } from '../engine/core/config';
import { ENCRYPTION_MODES } from '../engine/core/encryption';

const MIB = 2 ** 20;
const TIB = 2 ** 40;
/** Physical addresses end here (APM vol. 2 §5.1). */
const ADDRESSES = 2 ** 52;

const pages = (min: number, max: number) =>
  z.number().int().min(min).max(max).multipleOf(PAGE_SIZE, `must be a multiple of ${PAGE_SIZE}`);
const count = (max: number) => z.number().int().min(1).max(max);

const region = z
  .strictObject({
    base: pages(0, ADDRESSES - PAGE_SIZE),
    size: pages(PAGE_SIZE, ADDRESSES),
    kind: z.enum(['dram', 'reserved', 'mmio']),
    name: z.string().max(40),
  })
  .refine(({ base, size }) => base + size <= ADDRESSES, 'the range ends beyond the last physical address');

/** A machine's configuration as it comes from a link or a file. */
export const machineConfigSchema: z.ZodType<MachineConfig> = z.strictObject({
  generation: z.enum(GENERATIONS),
  technology: z.enum(TECHNOLOGIES),
  memory: pages(4 * MIB, TIB),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  tsme: z.boolean(),
  sme: z.enum(SME_POLICIES),
  encryption: z.enum(ENCRYPTION_MODES),
  topology: z.strictObject({ sockets: count(8), complexes: count(16), cores: count(16), threads: count(2) }),
  memoryMap: z.array(region).max(64, 'at most 64 ranges'),
  writeBack: z.enum(['soon', 'late']),
  cacheLines: count(65_536),
});
