import { TECHNOLOGIES } from '../engine/core/config';
import { LAMP_NAMES } from '../engine/core/lamps';
import { GPRS } from '../engine/core/registers';
import { chars, described, listOf, whole, z } from '../engine/core/zod';
import { GHCB_FIELD_NAMES, type GhcbField } from '../engine/cpu/ghcb/layout';
import { VMCB_FIELD_NAMES } from '../engine/cpu/vmcb';
import { address, line } from './fields';

/** What a scenario may claim about the machine after a step. A closed list: each kind has one evaluator in `expect.ts`. */

const GHCB_NAMES = GHCB_FIELD_NAMES as [GhcbField, ...GhcbField[]];
const WIDE = z.regex(/^0x[0-9a-f]{1,16}$/i, 'a value of up to 64 bits is written 0x…');

const tech = z.optional(
  described(listOf(z.enum(TECHNOLOGIES), 1, TECHNOLOGIES.length), {
    description: 'Holds only on these technologies; elsewhere it is left out',
  }),
);

const who = described(
  z
    .string()
    .check(
      z.regex(
        /^(?:xen\.c[01]|[a-z][a-z0-9-]{0,15}(?:\.(?:fetch|key))?)$/,
        'who looks: a guest, its fetches (alice.fetch), its key (alice.key), xen, xen.c0, xen.c1, device or dram',
      ),
    ),
  {
    description:
      'A guest by name, alice.fetch for what its core would fetch as instructions, alice.key for what hardware sees with its key, xen (as its tables say), xen.c0, xen.c1, device or dram',
  },
);

const sight = described(z.strictObject({ who, at: address, length: z.optional(whole(1, 65536)) }), {
  id: 'sight',
});
export type Sight = z.infer<typeof sight>;

const fault = z.strictObject({
  fault: described(chars(0, 40), { description: 'The name of the last action’s fault; none; or any' }),
  rule: z.optional(described(line(64), { description: 'Id of the rule that decided' })),
  tech,
});

const result = z.strictObject({
  result: described(z.record(chars(0, 40), z.json()), { description: 'Fields of the last action’s result' }),
  tech,
});

const look = z.strictObject({
  look: sight,
  is: described(z.enum(['same', 'different', 'refused', 'repeating', 'varied']), {
    description:
      'same, different: compared with `as`. refused: the look itself faults. repeating, varied: some 16-byte block occurs twice, or none does',
  }),
  as: z.optional(
    described(z.union([sight, chars(1, 8200)]), { description: 'Another look, a text, or bytes as hex:…' }),
  ),
  tech,
});

const lamp = z.strictObject({ lamp: z.enum(LAMP_NAMES), is: z.enum(['green', 'red']), tech });

const asid = z.strictObject({ asid: line(16), is: whole(0, 65535), tech });

const keyTag = described(z.union([z.enum(['none', 'host']), address]), {
  description: 'none, host, or an ASID: 2 or asid(alice)',
});

const cache = z.strictObject({
  cache: z.strictObject({
    at: address,
    key: keyTag,
    complex: z.optional(whole(0, 31)),
    dirty: z.optional(z.boolean()),
    starts: z.optional(described(chars(1, 64), { description: 'Text with which the line’s bytes begin' })),
  }),
  is: z.enum(['present', 'absent']),
  tech,
});

const tlb = z.strictObject({
  tlb: z.strictObject({
    at: address,
    asid: address,
    core: z.optional(whole(0, 255)),
    c: z.optional(z.boolean()),
  }),
  is: z.enum(['present', 'absent']),
  tech,
});

const entry = z.strictObject({
  entry: described(z.strictObject({ who, at: address }), {
    description: 'The leaf page-table entry that maps `at`',
  }),
  bit: whole(0, 63),
  is: z.union([z.literal(0), z.literal(1)]),
  tech,
});

const cpuid = z.strictObject({
  cpuid: described(line(32), {
    description:
      'cBit, reduction, physicalBits, hostBits, maxAsid, minPlainAsid, or a bit of Fn8000_001F[EAX] by name',
  }),
  is: z.union([z.int(), z.boolean()]),
  tech,
});

const slot = z.strictObject({ slot: keyTag, is: z.enum(['loaded', 'empty']), tech });

const facts = z.strictObject({
  facts: described(listOf(z.record(chars(0, 40), z.json()), 1, 20), {
    description: 'Facts that the step recorded in this order: `what` and any fields of their data',
  }),
  tech,
});

const vcpu = z.optional(described(whole(0, 127), { description: 'Which vCPU, 0 by default' }));

const register = z.enum([...GPRS, 'rip', 'rflags']);

/** A register, or a field of a structure that has them. */
const kept = z.discriminatedUnion('in', [
  z.strictObject({ in: z.literal('vcpu'), of: line(16), name: register, vcpu }),
  z.strictObject({ in: z.literal('xen'), of: line(16), name: register, vcpu }),
  z.strictObject({ in: z.literal('vmsa'), of: line(16), name: register, vcpu }),
  z.strictObject({ in: z.literal('vmcb'), of: line(16), name: z.enum(VMCB_FIELD_NAMES), vcpu }),
  z.strictObject({ in: z.literal('ghcb'), of: line(16), name: z.enum(GHCB_NAMES), vcpu }),
]);
export type Kept = z.infer<typeof kept>;

const worth = described(z.union([address, z.string().check(WIDE)]), {
  description: 'Up to 64 bits: 0x… as a text where a number does not hold them, or an address expression',
});

const value = z.strictObject({
  value: described(kept, {
    description:
      'A register as the vCPU holds it (vcpu), where Xen finds it (xen), or with the guest’s key in its VMSA; or a field of the VMCB or the GHCB',
  }),
  is: z.optional(worth),
  isNot: z.optional(worth),
  marked: z.optional(described(z.boolean(), { description: 'Whether VALID_BITMAP of the GHCB has it' })),
  tech,
});

const calls = z.strictObject({
  calls: described(listOf(line(64), 1, 20), {
    description:
      'Calls, instructions and events that the step made, in this order: VMRUN, #VC, svm_vmexit_handler',
  }),
  tech,
});

const platform = z.strictObject({
  platform: described(z.enum(['UNINIT', 'INIT', 'WORKING']), {
    description: 'State of the platform, as the secure processor keeps it',
  }),
  guests: z.optional(described(whole(0, 1024), { description: 'How many guests it knows' })),
  tech,
});

const handle = z.strictObject({
  handle: described(z.union([whole(1, 1024), line(16)]), {
    description: 'What the secure processor knows of a guest: by its handle, or by its name',
  }),
  is: z.enum(['none', 'LUPDATE', 'LSECRET', 'RUNNING', 'SUPDATE', 'RUPDATE', 'SENT']),
  bound: z.optional(described(z.boolean(), { description: 'Whether an ASID is bound to it' })),
  tech,
});

const terminal = z.strictObject({
  terminal: described(line(200), {
    description: 'A part of a line that xl wrote to the terminal in this step',
  }),
  tech,
});

export const expectation = described(
  z.union([
    fault,
    result,
    look,
    lamp,
    asid,
    cache,
    tlb,
    entry,
    cpuid,
    slot,
    facts,
    calls,
    value,
    platform,
    handle,
    terminal,
  ]),
  { id: 'expectation' },
);
export type Expectation = z.infer<typeof expectation>;
export type LookExpectation = z.infer<typeof look>;
export type CacheExpectation = z.infer<typeof cache>;
export type TlbExpectation = z.infer<typeof tlb>;
export type PlatformExpectation = z.infer<typeof platform>;
export type ValueExpectation = z.infer<typeof value>;
export type HandleExpectation = z.infer<typeof handle>;
export type EntryExpectation = z.infer<typeof entry>;
