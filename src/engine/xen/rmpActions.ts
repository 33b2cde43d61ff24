import { type ActionDefinition, defineAction } from '../core/action';
import { hex, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import { type Fault, type Outcome, ok, type Rule, refuse } from '../core/fault';
import { field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { z } from '../core/zod';
import { unpackRecord } from '../rmp/record';
import { snpEnabled } from '../rmp/table';
import { livingDomains } from './domains';
import { frameAt } from './frames';
import { withGuest } from './named';
import { readRmp, smashRmp, updateRmp } from './rmp';

/** What a hypervisor can do to the RMP, right or wrong: the instructions themselves, past the driver. */
const RMP_ACTION_RULES = {
  off: {
    id: 'rmp.not-enabled',
    says: 'The instructions for the RMP exist only while SNP is enabled on the cores.',
    source: 'APM vol. 2 §15.36.3; modelled after cpu-and-rmp.md E.4',
    standing: 'modelled',
  },
  page: {
    id: 'rmp.page-aligned',
    says: 'An entry is about a whole page: the addresses of a page are multiples of 4 KiB.',
    source: 'MicrosoftDocs cpp-docs docs/intrinsics/rmpupdate.md',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

const at = field.address('system physical address of the page');
const gpa = field.address('guest physical address that the entry is to have');
const SIZES = ['4K', '2M'] as const;

/** Why the RMP cannot be changed now. */
const needsSnp = (p: Platform): Fault | null =>
  snpEnabled(p)
    ? null
    : refuse(
        RMP_ACTION_RULES.off,
        'refused',
        'SNP is not enabled on this machine.',
        { technology: p.config.technology },
        'Technology SEV-SNP, a processor that knows it, and a Xen that enables it.',
      ).fault;

/** Goes on where an address is that of a page. */
const atPage = (address: number, body: () => Outcome<Json>): Outcome<Json> =>
  address % PAGE_SIZE === 0
    ? body()
    : refuse(
        RMP_ACTION_RULES.page,
        'refused',
        `${hex(address)} is no page’s address.`,
        { address },
        `${hex(address - (address % PAGE_SIZE))}, for example.`,
      );

/** The first page of the last guest, or one that nobody has. */
function somePage(p: Platform): number {
  const domain = livingDomains(p).at(-1);
  const frame = domain ? frameAt(domain.frames, 1) : p.state.need('xen').free[0]?.[0];
  return (frame ?? 0) * PAGE_SIZE;
}

const rmpupdateAction = defineAction({
  type: 'host.rmpupdate',
  actor: 'hypervisor',
  title: 'RMPUPDATE',
  help: 'Gives a page to a guest or to the firmware, or takes it back: changes its entry in the RMP. A code other than SUCCESS is a refusal.',
  schema: z.strictObject({
    type: z.literal('host.rmpupdate'),
    at,
    assigned: field.flag('1: it belongs to a guest, or with ASID 0 to the firmware'),
    guest: z.optional(field.guest('to which guest: its ASID')),
    asid: z.optional(field.count('the ASID itself, 0 by default', 0, 1023)),
    gpa: z.optional(gpa),
    size: z.optional(field.choice('size of the page, 4K by default', SIZES)),
    immutable: z.optional(field.flag('only the firmware can change it again')),
  }),
  who: () => 'xen',
  describe: ({ at: spa, assigned, guest, asid }) =>
    assigned
      ? `RMPUPDATE: ${hex(spa)} to ${guest ?? (asid ? `ASID ${asid}` : 'the firmware')}`
      : `RMPUPDATE: ${hex(spa)} back to the hypervisor`,
  impossible: needsSnp,
  suggest: (p) => ({ at: somePage(p), assigned: true, asid: 1, gpa: PAGE_SIZE, size: '4K' }),
  run: (p, { at: spa, assigned, guest, asid, gpa: wanted = 0, size, immutable = false }) => {
    const update = (number: number): Outcome<Json> =>
      atPage(spa, () =>
        atPage(wanted, () => {
          const large = size === '2M';
          const done = updateRmp(p, spa, { assigned, large, immutable, gpa: wanted, asid: number });
          return done.ok ? ok({ eax: done.value.eax }) : done;
        }),
      );
    return guest === undefined ? update(asid ?? 0) : withGuest(p, guest, (domain) => update(domain.asid));
  },
});

const psmashAction = defineAction({
  type: 'host.psmash',
  actor: 'hypervisor',
  title: 'PSMASH',
  help: 'Splits a page of 2 MiB in the RMP into 512 of 4 KiB; what its guest has accepted stays accepted.',
  schema: z.strictObject({ type: z.literal('host.psmash'), at }),
  who: () => 'xen',
  describe: ({ at: spa }) => `PSMASH: ${hex(spa)}`,
  impossible: needsSnp,
  suggest: (p) => ({ at: somePage(p) - (somePage(p) % LARGE_PAGE_SIZE) }),
  run: (p, { at: spa }) => {
    const done = smashRmp(p, spa);
    return done.ok ? ok({ eax: done.value.eax }) : done;
  },
});

const rmpreadAction = defineAction({
  type: 'host.rmpread',
  actor: 'hypervisor',
  title: 'RMPREAD',
  help: 'Looks at the RMP’s entry of a page as software may see it, without validation and permissions. Turin only.',
  schema: z.strictObject({ type: z.literal('host.rmpread'), at }),
  who: () => 'xen',
  describe: ({ at: spa }) => `RMPREAD: ${hex(spa)}`,
  impossible: needsSnp,
  suggest: (p) => ({ at: somePage(p) }),
  run: (p, { at: spa }) => {
    const done = readRmp(p, spa);
    if (!done.ok) return done;
    const { record } = done.value;
    return ok({ record: record && toHex(record), ...(record && unpackRecord(record)) });
  },
});

export const RMP_ACTIONS: readonly ActionDefinition[] = [
  rmpupdateAction,
  psmashAction,
  rmpreadAction,
] as unknown as readonly ActionDefinition[];
