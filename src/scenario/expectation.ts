import { TECHNOLOGIES } from '../engine/core/config';
import { z } from '../engine/core/zod';
import { address, line } from './fields';

/** What a scenario may claim about the machine after a step. A closed list: each kind has one evaluator in `expect.ts`. */

/** The properties that have a lamp. */
export const LAMP_NAMES = ['confidentiality', 'integrity'] as const;
export type LampName = (typeof LAMP_NAMES)[number];

const tech = z.optional(
  z
    .array(z.enum(TECHNOLOGIES))
    .min(1)
    .meta({ description: 'Holds only on these technologies; elsewhere it is left out' }),
);

const who = z
  .string()
  .regex(/^(?:xen\.c[01]|[a-z][a-z0-9-]{0,15})$/, 'who looks: a guest, xen, xen.c0, xen.c1, device or dram')
  .meta({ description: 'A guest by name, xen (as its tables say), xen.c0, xen.c1, device or dram' });

const sight = z
  .strictObject({ who, at: address, length: z.optional(z.number().int().min(1).max(65536)) })
  .meta({ id: 'sight' });
export type Sight = z.infer<typeof sight>;

const fault = z.strictObject({
  fault: z.string().max(40).meta({ description: 'The name of the last action’s fault; none; or any' }),
  rule: z.optional(line(64).meta({ description: 'Id of the rule that decided' })),
  tech,
});

const result = z.strictObject({
  result: z.record(z.string().max(40), z.json()).meta({ description: 'Fields of the last action’s result' }),
  tech,
});

const look = z.strictObject({
  look: sight,
  is: z.enum(['same', 'different', 'refused', 'repeating', 'varied']).meta({
    description:
      'same, different: compared with `as`. refused: the look itself faults. repeating, varied: some 16-byte block occurs twice, or none does',
  }),
  as: z.optional(
    z
      .union([sight, z.string().min(1).max(8200)])
      .meta({ description: 'Another look, a text, or bytes as hex:…' }),
  ),
  tech,
});

const lamp = z.strictObject({ lamp: z.enum(LAMP_NAMES), is: z.enum(['green', 'red']), tech });

const asid = z.strictObject({ asid: line(16), is: z.number().int().min(0).max(65535), tech });

const keyTag = z
  .union([z.enum(['none', 'host']), address])
  .meta({ description: 'none, host, or an ASID: 2 or asid(alice)' });

const cache = z.strictObject({
  cache: z.strictObject({
    at: address,
    key: keyTag,
    complex: z.optional(z.number().int().min(0).max(31)),
    dirty: z.optional(z.boolean()),
    starts: z.optional(
      z.string().min(1).max(64).meta({ description: 'Text with which the line’s bytes begin' }),
    ),
  }),
  is: z.enum(['present', 'absent']),
  tech,
});

const tlb = z.strictObject({
  tlb: z.strictObject({
    at: address,
    asid: address,
    core: z.optional(z.number().int().min(0).max(255)),
    c: z.optional(z.boolean()),
  }),
  is: z.enum(['present', 'absent']),
  tech,
});

const entry = z.strictObject({
  entry: z
    .strictObject({ who, at: address })
    .meta({ description: 'The leaf page-table entry that maps `at`' }),
  bit: z.number().int().min(0).max(63),
  is: z.union([z.literal(0), z.literal(1)]),
  tech,
});

const cpuid = z.strictObject({
  cpuid: line(32).meta({
    description:
      'cBit, reduction, physicalBits, hostBits, maxAsid, minPlainAsid, or a bit of Fn8000_001F[EAX] by name',
  }),
  is: z.union([z.number().int(), z.boolean()]),
  tech,
});

const slot = z.strictObject({ slot: keyTag, is: z.enum(['loaded', 'empty']), tech });

const facts = z.strictObject({
  facts: z
    .array(z.record(z.string().max(40), z.json()))
    .min(1)
    .max(20)
    .meta({ description: 'Facts that the step recorded in this order: `what` and any fields of their data' }),
  tech,
});

export const expectation = z
  .union([fault, result, look, lamp, asid, cache, tlb, entry, cpuid, slot, facts])
  .meta({ id: 'expectation' });
export type Expectation = z.infer<typeof expectation>;
export type LookExpectation = z.infer<typeof look>;
export type CacheExpectation = z.infer<typeof cache>;
export type TlbExpectation = z.infer<typeof tlb>;
export type EntryExpectation = z.infer<typeof entry>;
