import { TECHNOLOGIES } from '../engine/core/config';
import { LAMP_NAMES } from '../engine/core/lamps';
import { described, listOf, whole, z } from '../engine/core/zod';
import { CHECK_NAMES } from './checks';
import { expectation } from './expectation';
import { line } from './fields';
import { machine } from './machineSchema';

/** What a scenario says about itself when it is an attack from the literature. */

/** Who the attacker is and what it can do. */
const POWERS = [
  'hypervisor',
  'hypervisor-stepping',
  'physical',
  'device',
  'cotenant',
  'guest-process',
  'known-plaintext',
  'network-input',
  'firmware',
  'owner-mistake',
] as const;
export type Power = (typeof POWERS)[number];

const MITIGATION_ID = z.regex(
  /^[a-z][a-z0-9.-]{0,31}$/,
  'a mitigation is named in small letters, digits, hyphens',
);

const mitigation = z.strictObject({
  id: z.string().check(MITIGATION_ID),
  says: described(line(200), { description: 'What it is, in a sentence' }),
  check: z.optional(
    described(z.enum(CHECK_NAMES), { description: 'The check that it adds, or that it makes somebody do' }),
  ),
  machine: z.optional(described(machine, { description: 'What the machine has with it' })),
  extra: z.optional(
    described(line(400), { description: 'Settings of the victim behind xl create: policy=… accept=…' }),
  ),
});
export type Mitigation = z.infer<typeof mitigation>;

export const attack = described(
  z.strictObject({
    tier: described(z.union([z.literal(1), z.literal(2)]), {
      description: '1: a demo or class must have it. 2: modelled as far as it is published',
    }),
    year: whole(1990, 2100),
    paper: described(line(400), { description: 'Title, authors, where' }),
    cve: z.optional(listOf(line(24), 0, 16)),
    bulletins: z.optional(listOf(line(40), 0, 16)),
    powers: listOf(z.enum(POWERS), 1, POWERS.length),
    hurts: described(line(200), { description: 'Who is hurt, and how' }),
    violates: described(listOf(z.enum(LAMP_NAMES), 1, LAMP_NAMES.length), {
      description: 'The lamps that turn red where it works',
    }),
    victim: described(line(16), { description: 'The guest whose settings the mitigations change' }),
    from: z.optional(
      described(z.enum(TECHNOLOGIES), {
        description:
          'The first technology that has what is attacked (sme by default); below it there is nothing to attack',
      }),
    ),
    mitigations: z.optional(
      described(listOf(mitigation, 0, 6), { description: 'Switches, each tried on SEV-SNP' }),
    ),
  }),
  { id: 'attack' },
);

/** What an attacker wants to have reached after a step. All aims reached: it works; some: in part; none: it is blocked. */
export const aim = described(
  z.strictObject({
    says: described(line(160), { description: 'What the attacker wants' }),
    when: described(z.union([expectation, listOf(expectation, 1, 16)]), {
      description: 'It is reached when all of this holds after the step',
    }),
    unless: z.optional(
      described(z.enum(CHECK_NAMES), {
        description: 'The check that stopped it when nothing was refused and the attacker has only noise',
      }),
    ),
  }),
  { id: 'aim' },
);

export const onlyOn = z.optional(
  described(listOf(z.enum(TECHNOLOGIES), 1, TECHNOLOGIES.length), {
    description: 'Only these technologies have it; elsewhere it is not applicable',
  }),
);

/** What only some do who try a switch: a program, or an owner, that is neither the machine nor a setting of the victim. */
export const bySwitch = {
  only_with: z.optional(
    described(z.string().check(MITIGATION_ID), { description: 'Done only with this switch of the attack' }),
  ),
  not_with: z.optional(
    described(z.string().check(MITIGATION_ID), { description: 'Not done with this switch of the attack' }),
  ),
};
