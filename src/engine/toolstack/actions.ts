import { type ActionDefinition, defineAction, type Progress } from '../core/action';
import type { DomainCell } from '../core/cells';
import { type Fault, type Outcome, ok } from '../core/fault';
import { field } from '../core/fields';
import type { Json, JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import { capital } from '../core/words';
import { z } from '../core/zod';
import { fileMissing } from '../guest/fileMissing';
import { domainNamed } from '../xen/domain';
import { livingDomains } from '../xen/domains';
import { pauseDomain } from '../xen/domctl/pause';
import { hasEs } from '../xen/kind';
import { chain } from '../xen/trail';
import { unpause, xlCreate } from './create';
import { xlDestroy } from './destroy';
import { configFiles, putFile, putImage, readConfig, USUAL_GUESTS, words } from './files';
import { IMPOSTOR_ACTIONS } from './impostor';
import { debugAsids, dmesg, info, list } from './inform';
import { migrate } from './migrate';

/** Bytes of a configuration file; xl itself sets no limit. */
const FILE_LIMIT = 64 * 1024;

const FILE_NAME = z.regex(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
  'a file is named by 1 to 63 letters, digits, dots, hyphens and underscores',
);

const needsGuest = (p: Platform): Fault | null => {
  if (livingDomains(p).length > 0) return null;
  const found = domainNamed(p, '');
  return found.ok ? null : found.fault;
};

function withGuest(p: Platform, name: string, body: (domain: DomainCell) => Outcome<Json>): Outcome<Json> {
  const domain = domainNamed(p, name);
  return domain.ok ? body(domain.value) : domain;
}

const NOT_RUN = 'not run: this simulator has no firmware inside the guest';

const told = (domain: DomainCell): Json => ({ ...summary(domain), ...launched(domain) });

/** What came of a launch from a firmware image. */
const launched = ({ firmware, launchDigest, finished }: DomainCell): JsonObject =>
  firmware && finished ? { launchDigest, state: NOT_RUN } : {};

const summary = ({ name, id, asid, memory, sev, snp, handle, policy, paused }: DomainCell): JsonObject => ({
  guest: name,
  id,
  asid,
  memory,
  sev,
  ...(snp ? { snp } : hasEs(policy) ? { es: true } : {}),
  ...(handle === null ? {} : { handle }),
  ...(paused ? { paused } : {}),
});

const create = defineAction({
  type: 'xl.create',
  actor: 'toolstack',
  title: 'xl create',
  help: 'Creates a guest from a configuration file of Domain-0 and starts it.',
  schema: z.strictObject({
    type: z.literal('xl.create'),
    config: field.config('the file: alice.cfg, or one that was dropped'),
    extra: z.optional(field.text('more settings, as on xl’s command line: memory=2 vcpus=1', 1024)),
    paused: z.optional(field.flag('leave it paused (-p)')),
    session: z.optional(
      field.flag(
        'start it with its owner’s session, and leave it for them to check (hypothetical: xl has no key)',
      ),
    ),
    tamper: z.optional(field.flag('Domain-0 changes a byte of the kernel before it is encrypted')),
  }),
  who: () => 'toolstack',
  describe: ({ config, extra, session, tamper }) =>
    `xl create ${config}${extra ? ` ${extra}` : ''}${session ? ', with its owner’s session' : ''}${tamper ? ', with another kernel' : ''}`,
  suggest: (p) => {
    const taken = new Set(livingDomains(p).map((domain) => domain.name));
    const put = p.state.cell('dom0')?.files.at(-1)?.name;
    const free = USUAL_GUESTS.find((each) => !taken.has(each));
    return { config: put ?? (free ? `${free}.cfg` : (configFiles(p)[0] ?? '')) };
  },
  run: function* (p, { config, extra, paused, session, tamper }): Generator<Progress, Outcome<Json>> {
    const made = yield* xlCreate(p, {
      file: config,
      extra: words(extra),
      paused: paused ?? false,
      owned: session ?? false,
      tampered: tamper ?? false,
    });
    return made.ok ? ok(told(made.value)) : made;
  },
});

const destroy = defineAction({
  type: 'xl.destroy',
  actor: 'toolstack',
  title: 'xl destroy',
  help: 'Destroys a guest: off the cores, its memory back, its handle and its ASID given up, with the flushes that this needs.',
  schema: z.strictObject({
    type: z.literal('xl.destroy'),
    guest: field.guest(),
    omit: z.optional(field.choice('a flush that Xen forgets', ['nothing', 'wbinvd', 'df-flush'])),
  }),
  who: () => 'toolstack',
  describe: ({ guest, omit }) =>
    `xl destroy ${guest}${omit && omit !== 'nothing' ? `, without ${omit === 'wbinvd' ? 'WBINVD' : 'DF_FLUSH'}` : ''}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p).at(-1)?.name ?? '' }),
  run: (p, { guest, omit }) =>
    withGuest(p, guest, (domain) =>
      xlDestroy(p, domain, { wbinvd: omit === 'wbinvd', dfFlush: omit === 'df-flush' }),
    ),
});

const migrateAction = defineAction({
  type: 'xl.migrate',
  actor: 'toolstack',
  title: 'xl migrate',
  help: 'Sends a running encrypted guest to the second host, page by page under transport keys, and destroys it here.',
  schema: z.strictObject({ type: z.literal('xl.migrate'), guest: field.guest() }),
  who: () => 'toolstack',
  describe: ({ guest }) => `xl migrate ${guest} host-b`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p).find(({ sev }) => sev)?.name ?? '' }),
  run: (p, { guest }) =>
    withGuest(p, guest, (domain) => {
      const moved = migrate(p, domain);
      return moved.ok ? ok({ ...(told(moved.value) as JsonObject), host: 'b' }) : moved;
    }),
});

const pause = defineAction({
  type: 'xl.pause',
  actor: 'toolstack',
  title: 'xl pause',
  help: 'Takes a guest off the cores until it is unpaused.',
  schema: z.strictObject({ type: z.literal('xl.pause'), guest: field.guest() }),
  who: () => 'toolstack',
  describe: ({ guest }) => `xl pause ${guest}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p).find(({ paused }) => !paused)?.name ?? '' }),
  run: (p, { guest }) =>
    withGuest(p, guest, ({ id }) =>
      chain(
        p,
        [
          ['xl', 'main_pause'],
          ['libxl', 'libxl_domain_pause'],
          ['libxc', 'xc_domain_pause'],
        ],
        { guest },
        () => pauseDomain(p, id),
      ),
    ),
});

const resume = defineAction({
  type: 'xl.unpause',
  actor: 'toolstack',
  title: 'xl unpause',
  help: 'Lets a paused guest run; the first time this ends its launch.',
  schema: z.strictObject({ type: z.literal('xl.unpause'), guest: field.guest() }),
  who: () => 'toolstack',
  describe: ({ guest }) => `xl unpause ${guest}`,
  impossible: needsGuest,
  suggest: (p) => ({ guest: livingDomains(p).find(({ paused }) => paused)?.name ?? '' }),
  run: (p, { guest }) =>
    withGuest(p, guest, (domain) => {
      const running = chain(p, [['xl', 'main_unpause']], { guest }, () => unpause(p, domain));
      return running.ok ? ok(told(running.value)) : running;
    }),
});

const nothing = <T extends string>(type: T) => z.strictObject({ type: z.literal(type) });

const xlList = defineAction({
  type: 'xl.list',
  actor: 'toolstack',
  title: 'xl list',
  help: 'Lists the domains: number, memory, vCPUs, state.',
  schema: nothing('xl.list'),
  who: () => 'toolstack',
  describe: () => 'xl list',
  run: (p) => ok(list(p)),
});

const xlInfo = defineAction({
  type: 'xl.info',
  actor: 'toolstack',
  title: 'xl info',
  help: 'Tells of the machine and of its Xen.',
  schema: nothing('xl.info'),
  who: () => 'toolstack',
  describe: () => 'xl info',
  run: (p) => ok(info(p)),
});

const xlDmesg = defineAction({
  type: 'xl.dmesg',
  actor: 'toolstack',
  title: 'xl dmesg',
  help: 'Prints Xen’s console ring.',
  schema: nothing('xl.dmesg'),
  who: () => 'toolstack',
  describe: () => 'xl dmesg',
  run: (p) => ok(dmesg(p)),
});

const debugKeys = defineAction({
  type: 'xl.debug-keys',
  actor: 'toolstack',
  title: 'xl debug-keys',
  help: 'Makes Xen print what it knows; of the keys only the one for the ASIDs is here.',
  schema: z.strictObject({
    type: z.literal('xl.debug-keys'),
    keys: z.optional(field.choice('what to print', ['a'])),
  }),
  who: () => 'toolstack',
  describe: () => 'xl debug-keys a',
  run: (p) => ok(debugAsids(p)),
});

const file = defineAction({
  type: 'dom0.file',
  actor: 'toolstack',
  title: 'Put a file into Domain-0',
  help: 'Writes a guest configuration into Domain-0’s /etc/xen, where xl create finds it.',
  schema: z.strictObject({
    type: z.literal('dom0.file'),
    name: z
      .string()
      .check(FILE_NAME)
      .register(z.globalRegistry, { kind: 'text', help: 'its name' } as never),
    text: field.lines('what it says', FILE_LIMIT),
  }),
  who: () => 'toolstack',
  describe: ({ name }) => `Put ${name} into Domain-0`,
  suggest: (p) => ({
    name: 'guest.cfg',
    text: readConfig(p, 'alice.cfg')?.replaceAll('alice', 'guest') ?? '',
  }),
  run: (p, { name, text }) => {
    putFile(p, name, text);
    return ok({ name: capital(name), bytes: new TextEncoder().encode(text).length });
  },
});

const image = defineAction({
  type: 'dom0.image',
  actor: 'toolstack',
  title: 'Put an image into Domain-0',
  help: 'Puts a dropped file into Domain-0’s /boot: firmware, a kernel or an initial RAM disk, for a guest to start from.',
  schema: z.strictObject({
    type: z.literal('dom0.image'),
    name: z
      .string()
      .check(FILE_NAME)
      .register(z.globalRegistry, { kind: 'text', help: 'its name' } as never),
    blob: field.blob('the file'),
  }),
  who: () => 'toolstack',
  describe: ({ name }) => `Put ${name} into Domain-0’s /boot`,
  run: (p, { name, blob }) => {
    const bytes = p.blobs.get(blob);
    if (!bytes) return fileMissing(name, blob);
    putImage(p, name, blob);
    return ok({ path: `/boot/${name}`, bytes: bytes.length });
  },
});

export const TOOLSTACK_ACTIONS: readonly ActionDefinition[] = [
  create,
  destroy,
  migrateAction,
  pause,
  resume,
  xlList,
  xlInfo,
  xlDmesg,
  debugKeys,
  file,
  image,
  ...IMPOSTOR_ACTIONS,
] as unknown as readonly ActionDefinition[];
