import { sizeOf } from './config';
import { GENERATIONS, type Region, SME_POLICIES, TECHNOLOGIES, XEN_TREES } from './core/config';
import { ENCRYPTION_MODES } from './core/encryption';
import { FIXES } from './core/fixes';
import { FIX_NAMES } from './core/fixNames';
import { OMITTED_CHECKS } from './core/omissions';
import { chars, described, listOf, whole, z } from './core/zod';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;
const PAGE = 4096;
/** Where physical addresses end on every generation: 43 bits are left on the narrowest once encryption is on (APM vol. 2 §15.34.6). */
const HIGHEST = 2 ** 43;

const region = z.strictObject({
  base: whole(0, HIGHEST - PAGE).check(z.multipleOf(PAGE)),
  size: whole(PAGE, TIB).check(z.multipleOf(PAGE)),
  kind: z.enum(['dram', 'reserved', 'mmio']),
  name: chars(1, 40),
});

/** Checks a configuration from outside: any part of it may be missing. */
export const partialConfigSchema = z.strictObject({
  generation: z.optional(z.enum(GENERATIONS)),
  technology: z.optional(z.enum(TECHNOLOGIES)),
  memory: z.optional(whole(4 * MIB, TIB).check(z.multipleOf(MIB))),
  seed: z.optional(whole(0, 2 ** 32 - 1)),
  tsme: z.optional(z.boolean()),
  sme: z.optional(z.enum(SME_POLICIES)),
  encryption: z.optional(z.enum(ENCRYPTION_MODES)),
  xen: z.optional(z.enum(XEN_TREES)),
  topology: z.optional(
    z.strictObject({
      sockets: whole(1, 2),
      complexes: whole(1, 16),
      cores: whole(1, 16),
      threads: whole(1, 2),
    }),
  ),
  memoryMap: z.optional(listOf(region, 0, 64).check(checkMap)),
  writeBack: z.optional(z.enum(['soon', 'late'])),
  cacheLines: z.optional(whole(8, 4096)),
  fixes: z.optional(
    described(listOf(z.enum(FIX_NAMES), 0, FIX_NAMES.length), {
      description: FIX_NAMES.map((name) => `${name}: ${FIXES[name].says}`).join(' '),
    }),
  ),
  without: z.optional(z.enum(OMITTED_CHECKS)),
});

/** What is wrong with a memory map, in plain sentences. */
function* flaws(regions: readonly Region[]): Generator<string> {
  const sorted = [...regions].sort((a, b) => a.base - b.base);
  for (const [i, next] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before && before.base + before.size > next.base)
      yield `the ranges ${before.name} and ${next.name} overlap`;
  }
  for (const { name, kind, base, size } of regions) {
    const limit = kind === 'mmio' ? HIGHEST : 2 * TIB;
    if (base + size > limit) yield `the range ${name} ends above ${limit / TIB} TiB`;
  }
  if (!regions.some(({ kind, size }) => kind === 'dram' && size >= 4 * MIB)) {
    yield 'one range of DRAM must have at least 4 MiB';
  }
  if (sizeOf(regions, 'dram') > TIB) yield 'there is more than 1 TiB of DRAM';
  if (sizeOf(regions, 'reserved') > GIB) yield 'more than 1 GiB is reserved';
}

function checkMap({ value, issues }: z.core.ParsePayload<Region[]>): void {
  if (value.length === 0) return;
  for (const message of flaws(value)) issues.push({ code: 'custom', message, input: value });
}
