import { GUEST_BASE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { GuestObject } from '../core/guestCells';
import type { Platform } from '../core/platform';
import { partOf } from '../core/slowly';
import { finishInitialMemory } from '../xen/coco';
import { livingDomains } from '../xen/domains';
import { type CreateDomain, createDomain } from '../xen/domctl/create';
import { killDomain } from '../xen/domctl/destroy';
import { takeOffCores, unpauseDomain } from '../xen/domctl/pause';
import { call, chain, chainSlowly, type Slow, upward } from '../xen/trail';
import { carriesSessions } from '../xen/tree';
import { creationChecks } from '../xen/xl/checks';
import type { SevType, XlConfig } from '../xen/xl/config';
import { type ParsedXl, parseXl, withExtra } from '../xen/xl/parse';
import { buildDomain } from './build';
import { kindOf, memoryOf, policyOf } from './defaults';
import { readConfig } from './files';
import { firmwareLaunch } from './firmware';
import { identityRefusal, tellIdentity } from './identity';
import { SECRET_PLACE } from './image';
import { LETTER, letterFor } from './letters';
import { boot, monitorRefusal } from './monitor';
import { say } from './say';

type Session = NonNullable<CreateDomain['session']>;

const XL_RULES = {
  file: {
    id: 'xl.no-file',
    says: 'xl reads the configuration from a file of Domain-0.',
    source: 'Xen tools/xl/xl_vmcontrol.c (create_domain)',
    standing: 'published',
  },
  config: {
    id: 'xl.bad-config',
    says: 'xl ends when it cannot read the configuration, or when a value is none that it takes.',
    source: 'Xen tools/libs/util/libxlu_cfg.c, tools/xl/xl_parse.c',
    standing: 'published',
  },
  name: {
    id: 'domain.name',
    says: 'A living domain’s name is its own.',
    source: 'Xen tools/libs/light/libxl_create.c (libxl_name_to_domid)',
    standing: 'published',
  },
  session: {
    id: 'xl.session-unknown',
    says: 'Only encrypted guests have an owner’s session, and only one branch’s createdomain carries it.',
    source: 'xcp-ng/xen 275d07e487: xen/include/public/hvm/coco.h',
    standing: 'published',
  },
  snpSession: {
    id: 'xl.snp-session',
    says: 'An SNP guest has no session: its owner asks for a report from inside, or signs an ID block.',
    source: 'AMD-ASPFW sev_mcmd.c (snp_mcmd_launch_start, snp_mcmd_launch_finish)',
    standing: 'published',
  },
  reserved: {
    id: 'domain.reserved-name',
    says: 'The record names who acts; a guest may not be called like the others who do, and is named by 1 to 16 lower-case letters, digits and hyphens.',
    source: 'this simulator',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'xen',
  'asp',
  'device',
  'probe',
  'toolstack',
  'dram',
  'owner',
  'domain-0',
]);
const NAME = /^[a-z][a-z0-9-]{0,15}$/;

/** How xl is asked to create: which file, what else on the command line, and whether to leave the domain paused (`-p`). */
export interface CreateRequest {
  readonly file: string;
  readonly extra: readonly string[];
  readonly paused: boolean;
  /** Start it with what its owner sent: nobody proposes how xl is to be told (hypothetical). */
  readonly owned: boolean;
  /** Domain-0 slips another kernel in. */
  readonly tampered: boolean;
}

/** The same for libxl. */
type Ways = Pick<CreateRequest, 'owned' | 'tampered'>;

/**
 * `xl create`: from the file to a guest that runs, or a refusal with the layer that refused. One with an owner’s session
 * stays paused behind its measurement, so that the owner can look at it.
 */
export const xlCreate = (p: Platform, request: CreateRequest): Slow<DomainCell> =>
  chainSlowly(
    p,
    [
      ['xl', 'main_create'],
      ['xl', 'create_domain'],
    ],
    { file: request.file },
    function* () {
      const config = readGuestConfig(p, request);
      if (!config.ok) return config;
      const made = yield* create(p, config.value, request);
      if (!made.ok || request.paused || made.value.measurement !== null) return made;
      return unpause(p, made.value);
    },
  );

function readGuestConfig(p: Platform, { file, extra }: CreateRequest): Outcome<XlConfig> {
  const text = readConfig(p, file);
  if (text === null)
    return p.trace.refused(
      refuse(
        XL_RULES.file,
        'ENOENT',
        `Failed to read config file: ${file}: no such file.`,
        { file },
        'A file that was dropped, or alice.cfg.',
      ),
    );
  say(p, `Parsing config from ${file}`);
  return call(p, 'xl', 'parse_config_data', { file }, () => {
    const parsed = parseXl(withExtra(text, extra), p.config.xen);
    sayWhatItSaid(p, file, parsed);
    if (parsed.ok) return { ok: true, value: parsed.config };
    const { line, column, message } = parsed.error;
    return p.trace.refused(
      refuse(
        XL_RULES.config,
        'EINVAL',
        `${file}:${line}:${column}: ${message}`,
        { file, line, column },
        'Mend the file at this place.',
      ),
    );
  });
}

function sayWhatItSaid(p: Platform, file: string, { warnings, ignoredKeys }: ParsedXl): void {
  for (const { line, message } of warnings) say(p, `${file}:${line}: warning: ${message}`);
  for (const { line, message } of ignoredKeys) say(p, `${file}:${line}: ${message}`, 'modelled');
}

/** Of the time of a creation, in thousandths: until what is measured is known. */
const HASHED = 100;

/** libxl’s part; a domain whose creation fails half-way is destroyed again. */
function* create(p: Platform, config: XlConfig, ways: Ways): Slow<DomainCell> {
  const made = yield* chainSlowly(
    p,
    [
      ['libxl', 'libxl_domain_create_new'],
      ['libxl', 'do_domain_create'],
      ['libxl', 'initiate_domain_create'],
    ],
    { name: config.name },
    function* () {
      const checked = call(p, 'libxl', 'libxl__domain_config_setdefault', {}, () => checkDefaults(p, config));
      if (!checked.ok) return checked;
      return yield* make(p, config, ways);
    },
  );
  return made.ok ? made : upward(made, 'libxl: error: domain creation failed');
}

function checkDefaults(p: Platform, config: XlConfig): Outcome<null> {
  const { name } = config;
  if (RESERVED_NAMES.has(name) || !NAME.test(name))
    return p.trace.refused(
      refuse(
        XL_RULES.reserved,
        'ERROR_INVAL',
        `${name} cannot be a guest’s name here.`,
        { name },
        'Another name.',
      ),
    );
  if (livingDomains(p).some((domain) => domain.name === name))
    return p.trace.refused(
      refuse(
        XL_RULES.name,
        'ERROR_INVAL',
        `There is already a guest named ${name}.`,
        { name },
        'Another name, or the guest would have to be destroyed.',
      ),
    );
  const host = { hap: true, iommu: true, encryption: true, es: true };
  const check = creationChecks(p.config.xen).find(
    ({ layer, refuses }) => layer === 'libxl' && refuses(config, host),
  );
  if (!check) return DONE;
  const rule: Rule = {
    id: `libxl.${check.at}`,
    says: `${check.at} refuses: ${check.why}.`,
    source: check.source,
    standing: check.status === 'hypothetical' ? 'modelled' : 'published',
  };
  return p.trace.refused(refuse(rule, check.error, `${name}: ${check.why}.`, {}, 'Another configuration.'));
}

/** What the guest’s owner sent; only the branch’s createdomain can carry it. */
function ownersSession(p: Platform, { name, encrypted }: XlConfig, sevType: SevType): Outcome<Session> {
  if (encrypted && sevType === 'sev-snp')
    return p.trace.refused(
      refuse(
        XL_RULES.snpSession,
        'EINVAL',
        `${name} is an SNP guest and takes no session.`,
        { name },
        'sev_type = "sev-es".',
      ),
    );
  if (!encrypted || !carriesSessions(p))
    return p.trace.refused(
      refuse(
        XL_RULES.session,
        'EINVAL',
        `${name} cannot be started with a session.`,
        { name, encrypted, xen: p.config.xen },
        'An encrypted guest, and a Xen whose createdomain takes a session.',
      ),
    );
  const page = letterFor(p, name);
  if (!page.ok) return page;
  return ok({ certificate: page.value + LETTER.certificate, session: page.value + LETTER.session });
}

function* make(p: Platform, config: XlConfig, { owned: wanted, tampered }: Ways): Slow<DomainCell> {
  const sevType = kindOf(p, config);
  const policy = policyOf(p, config);
  const monitored = monitorRefusal(config, sevType);
  if (monitored) return p.trace.refused(monitored);
  const anonymous = identityRefusal(config, sevType);
  if (anonymous) return p.trace.refused(anonymous);
  const session = wanted ? ownersSession(p, config, sevType) : ok(null);
  if (!session.ok) return session;
  const owned = session.value !== null;
  const firmware = yield* partOf(0, HASHED, firmwareLaunch(p, config, sevType));
  if (!firmware.ok) return firmware;
  const before = p.state.need('xen').domains;
  const made = chain(
    p,
    [
      ['libxl', 'libxl__domain_make'],
      ['libxc', 'xc_domain_create'],
    ],
    { name: config.name },
    () => createDomain(p, { config, coco: config.encrypted, sevType, policy, session: session.value }),
  );
  const built = made.ok
    ? yield* partOf(
        HASHED,
        1000,
        buildDomain(p, made.value.id, {
          vcpus: config.vcpus,
          memory: memoryOf(config),
          cmdline: config.cmdline ?? '',
          owned,
          tampered,
          firmware: firmware.value,
        }),
      )
    : made;
  const told = built.ok ? tellIdentity(p, config, built.value) : built;
  const measured = told.ok && owned ? finishInitialMemory(p, told.value.id) : told;
  if (measured.ok) {
    call(p, 'libxl', 'domcreate_attach_devices', {}, () => DONE);
    call(p, 'libxl', 'domcreate_complete', {}, () => DONE);
    return measured;
  }
  const half = p.state.cell('domain', before + 1);
  if (half?.alive) killDomain(p, half);
  return measured;
}

/** Its transport keys came in a session: then the start info names a place for a secret. */
function launchedByOwner(p: Platform, id: number): boolean {
  const { handle } = p.state.need('domain', id);
  return handle !== null && p.state.cell('handle', handle)?.transport?.by === 'session';
}

const SECRET: GuestObject = {
  name: 'secret',
  kind: 'bytes',
  address: GUEST_BASE + SECRET_PLACE.address,
  length: SECRET_PLACE.length,
};

/** What has crashed is not scheduled any more, and has no kernel (Xen xen/common/domain.c: domain_shutdown). */
function crash(p: Platform, id: number): void {
  takeOffCores(p, id);
  if (p.state.cell('guest', id)) p.trace.set('guest', id, null);
  p.trace.patch('domain', id, { paused: true });
}

const NOT_RUN: Rule = {
  id: 'guest.no-firmware-inside',
  says: 'A guest that starts from a firmware image is launched to its end, and then stays paused: the simulator has no firmware to run inside a guest.',
  source: 'this simulator',
  standing: 'modelled',
};

/** Its launch is over, and there is nothing here that could run. */
function holdBack(p: Platform, id: number): Outcome<DomainCell> {
  p.trace.fact('note', { what: 'not run', id }, NOT_RUN);
  say(
    p,
    `${p.state.need('domain', id).name} is not run: this simulator has no firmware inside the guest.`,
    'modelled',
  );
  p.trace.patch('domain', id, { paused: true });
  return ok(p.state.need('domain', id));
}

/** `xl unpause`: the first time the guest boots. */
export const unpause = (p: Platform, { id }: DomainCell): Outcome<DomainCell> =>
  chain(
    p,
    [
      ['libxl', 'libxl_domain_unpause'],
      ['libxc', 'xc_domain_unpause'],
    ],
    { id },
    () => {
      const owned = launchedByOwner(p, id);
      const running = unpauseDomain(p, id);
      if (!running.ok) return running;
      if (running.value.firmware) return holdBack(p, id);
      if (p.state.cell('guest', id)) return running;
      const booted = boot(p, running.value, owned ? [SECRET] : []);
      if (booted.ok) return { ok: true, value: p.state.need('domain', id) };
      crash(p, id);
      return booted;
    },
  );
