import { type ActionDefinition, defineAction } from '../core/action';
import { hex } from '../core/address';
import { toHex } from '../core/bytes';
import { type Outcome, ok } from '../core/fault';
import { dataBytes, field } from '../core/fields';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { called, capital } from '../core/words';
import { z } from '../core/zod';
import { configFiles } from '../toolstack/files';
import { SECRET_PLACE } from '../toolstack/image';
import { domainNamed } from '../xen/domain';
import { check } from './check';
import { signIdentity } from './identity';
import { ownerOf, sessionFor } from './memory';
import { judgeForged } from './report';
import { giveSecret } from './secret';
import { openSession } from './session';
import { wishOf } from './wish';

const someGuest = (p: Platform): string => ownerOf(p).sessions.at(-1)?.guest ?? '';

const session = defineAction({
  type: 'owner.session',
  actor: 'owner',
  title: 'Send a session',
  help: 'The guest’s owner checks the platform’s certificates, makes transport keys for a guest and sends them to Domain-0, wrapped for the secure processor alone. Start the guest with xl create and its session.',
  schema: z.strictObject({
    type: z.literal('owner.session'),
    config: field.config('the guest’s configuration, which its owner knows: alice.cfg'),
    extra: z.optional(field.text('more settings, as on xl’s command line', 1024)),
    policy: z.optional(field.count('guest policy; that of the configuration by default', 0, 0xffffffff)),
    forge: z.optional(field.flag('Domain-0 shows a key of its own in the place of the PDH')),
  }),
  who: () => 'owner',
  describe: ({ config, forge }) =>
    `The owner of ${config} sends a session${forge ? ', and Domain-0 shows a key of its own' : ''}`,
  suggest: (p) => ({ config: configFiles(p)[0] ?? '' }),
  run: (p, { config: file, extra, policy, forge }): Outcome<Json> => {
    const wish = wishOf(p, file, extra, policy);
    if (!wish.ok) return wish;
    const sent = openSession(p, wish.value, forge ?? false);
    if (!sent.ok) return sent;
    return ok({ guest: wish.value.guest, policy: wish.value.policy, ...sent.value });
  },
});

const identity = defineAction({
  type: 'owner.identity',
  actor: 'owner',
  title: 'Sign an ID block',
  help: 'The owner of an SNP guest works out its launch digest from the image that they know, signs it in an ID block, and gives Domain-0 the configuration with it: alice.cfg becomes alice-id.cfg. SNP_LAUNCH_FINISH then refuses any other launch.',
  schema: z.strictObject({
    type: z.literal('owner.identity'),
    config: field.config('the guest’s configuration, which its owner knows: alice.cfg'),
    extra: z.optional(field.text('more settings, as on xl’s command line', 1024)),
    policy: z.optional(
      field.count('guest policy that they sign; that of the configuration by default', 0, 0xffffffff),
    ),
    forge: z.optional(field.flag('somebody else signs it, without the owner’s key')),
  }),
  who: () => 'owner',
  describe: ({ config, forge }) =>
    forge
      ? `Somebody signs an ID block for ${config} without the owner’s key`
      : `The owner of ${config} signs an ID block`,
  suggest: (p) => ({ config: configFiles(p)[0] ?? '' }),
  run: (p, { config: file, extra, policy, forge }): Outcome<Json> =>
    signIdentity(p, { file, extra, policy, forged: forge ?? false }),
});

const checkAction = defineAction({
  type: 'owner.check',
  actor: 'owner',
  title: 'Check the measurement',
  help: 'The guest’s owner works out the measurement from the image that they know, and compares it with the one that Domain-0 shows.',
  schema: z.strictObject({
    type: z.literal('owner.check'),
    guest: field.guest(),
    replay: z.optional(field.flag('Domain-0 shows the measurement of an earlier guest of this name')),
  }),
  who: () => 'owner',
  describe: ({ guest, replay }) =>
    `${capital(called('owner'))} checks ${capital(guest)}’s measurement${replay ? ', and is shown an old one' : ''}`,
  suggest: (p) => ({ guest: someGuest(p) }),
  run: (p, { guest, replay }): Outcome<Json> => {
    const known = sessionFor(p, guest);
    if (!known.ok) return known;
    const compared = check(p, known.value, replay ?? false);
    if (!compared.ok) return compared;
    const { right, digest, nonce, expected, shown } = compared.value;
    return ok({
      guest,
      right,
      expected: toHex(expected),
      shown: toHex(shown),
      nonce: toHex(nonce),
      digest: toHex(digest),
    });
  },
});

const secret = defineAction({
  type: 'owner.secret',
  actor: 'owner',
  title: 'Send a secret',
  help: 'Behind a right measurement the guest’s owner sends a secret that only this launch can open. Then xl unpause.',
  schema: z.strictObject({
    type: z.literal('owner.secret'),
    guest: field.guest(),
    data: field.data('the secret: text, or bytes as hex:…'),
    tamper: z.optional(field.flag('Domain-0 flips a bit of it on the way')),
  }),
  who: () => 'owner',
  describe: ({ guest, tamper }) =>
    `${capital(called('owner'))} sends ${capital(guest)} a secret${tamper ? ', and Domain-0 changes it' : ''}`,
  suggest: (p) => ({ guest: someGuest(p), data: 'passphrase=1234.' }),
  run: (p, { guest, data, tamper }): Outcome<Json> => {
    const known = sessionFor(p, guest);
    if (!known.ok) return known;
    const domain = domainNamed(p, guest);
    if (!domain.ok) return domain;
    const given = giveSecret(p, known.value, domain.value, dataBytes(data), tamper ?? false);
    return given.ok
      ? ok({ guest, gpa: SECRET_PLACE.address, spa: given.value, at: hex(given.value) })
      : given;
  },
});

const report = defineAction({
  type: 'owner.forged-report',
  actor: 'owner',
  title: 'Be shown a forged report',
  help: 'An attacker who has taken a versioned key (VCEK) out of old firmware signs an attestation report with it and shows it to a guest’s owner, who checks the signature against the version that it names, and the version.',
  schema: z.strictObject({
    type: z.literal('owner.forged-report'),
    claims: field.choice('which firmware the report names', ['current', 'old']),
  }),
  who: () => 'owner',
  describe: ({ claims }) => `The owner is shown a forged report that names the ${claims} firmware`,
  suggest: () => ({ claims: 'current' }),
  run: (p, { claims }): Outcome<Json> => judgeForged(p, claims),
});

export const OWNER_ACTIONS: readonly ActionDefinition[] = [
  session,
  identity,
  checkAction,
  secret,
  report,
] as unknown as readonly ActionDefinition[];
