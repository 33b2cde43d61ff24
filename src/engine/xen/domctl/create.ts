import { CERTIFICATE_BYTES } from '../../asp/crypto/certificate';
import { SESSION_BYTES } from '../../asp/crypto/session';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { MAX_DOMAINS } from '../../core/page';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { assignAsid } from '../asid';
import { command, type Fields, hostAddress } from '../driver/command';
import { hasPlatform, hasSnpPlatform } from '../driver/probe';
import { trapDevices } from '../exits/traps';
import { takenSince } from '../frames';
import { hasEs } from '../kind';
import { newTable } from '../tables';
import { call, chain } from '../trail';
import { creationChecks } from '../xl/checks';
import type { SevType, XlConfig } from '../xl/config';
import { createdomainFlags } from '../xl/flags';
import { snpInitialise } from './snp';

const CREATE_RULES = {
  hap: {
    id: 'xen.pvh-hap',
    says: 'This simulator runs guests on nested page tables only.',
    source: 'modelled: shadow paging and PV guests are left out',
    standing: 'modelled',
  },
  snp: {
    id: 'xen.no-snp',
    says: 'A guest with SEV-SNP needs a platform on which SNP_INIT has succeeded.',
    source: 'xcp-ng/xen, branch with SNP (sev=snp on Xen’s command line)',
    standing: 'published',
  },
  tooMany: {
    id: 'domain.too-many',
    says: 'The simulator keeps at most 1,016 domains in one session.',
    source: 'modelled: ten bits a page name its owner',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** What `struct xen_domctl_createdomain` carries, and the parts that proposals add to it. */
export interface CreateDomain {
  readonly config: XlConfig;
  /** Ask for an encrypted guest: CDF_coco, or the branch’s misc flag. */
  readonly coco: boolean;
  readonly sevType: SevType;
  /** The guest policy for LAUNCH_START. */
  readonly policy: number;
  /** SPAs of the guest owner’s certificate and session, where Domain-0 has put them. */
  readonly session: { readonly certificate: number; readonly session: number } | null;
  /** The same of a host from which the guest comes: it is received, not launched. */
  readonly receive?: { readonly certificate: number; readonly session: number };
}

/** XEN_DOMCTL_createdomain: a domain without memory and without vCPUs, paused. */
export const createDomain = (p: Platform, wanted: CreateDomain): Outcome<DomainCell> =>
  chain(
    p,
    [
      ['hypercall', 'XEN_DOMCTL_createdomain'],
      ['xen', 'do_domctl'],
    ],
    { name: wanted.config.name, ...createdomainFlags(wanted.config, p.config.xen) },
    () => {
      const sane = chain(
        p,
        [
          ['xen', 'sanitise_domain_config'],
          ['xen', 'arch_sanitise_domain_config'],
        ],
        {},
        () => sanitise(p, wanted),
      );
      return sane.ok ? initialise(p, wanted) : sane;
    },
  );

/** The hypervisor’s own checks, in their order; the toolstack has done its part (`xl/checks.ts`). */
function sanitise(p: Platform, { config, sevType }: CreateDomain): Outcome<null> {
  const es = featuresOf(p.state).has('SEV-ES');
  const host = { hap: true, iommu: true, encryption: hasPlatform(p), es };
  const check = creationChecks(p.config.xen).find(
    (each) => each.layer === 'xen' && each.refuses(config, host),
  );
  if (check) {
    const rule: Rule = {
      id: `xen.create.${check.at}`,
      says: `${check.at} refuses: ${check.why}.`,
      source: check.source,
      standing: check.status === 'hypothetical' ? 'modelled' : 'published',
    };
    const message = `${config.name} cannot be created: ${check.why}.`;
    return p.trace.refused(refuse(rule, check.error, message, { at: check.at }, 'Another configuration.'));
  }
  if (config.encrypted && sevType === 'sev-snp' && !hasSnpPlatform(p))
    return p.trace.refused(
      refuse(
        CREATE_RULES.snp,
        'EINVAL',
        'SEV-SNP has not been initialised on this machine.',
        {},
        'sev_type = "sev-es", or technology SEV-SNP on a processor that has it.',
      ),
    );
  if (config.type !== 'pv' && config.hap) return DONE;
  return p.trace.refused(
    refuse(
      CREATE_RULES.hap,
      'EINVAL',
      `${config.name} would need ${config.type === 'pv' ? 'a PV container' : 'shadow page tables'}.`,
      { type: config.type, hap: config.hap },
      'type = "pvh" and hap = 1.',
    ),
  );
}

/** `domain_create` down to the hooks of SVM; what was done is undone when a later part fails. */
function initialise(p: Platform, wanted: CreateDomain): Outcome<DomainCell> {
  const id = p.state.need('xen').domains + 1;
  if (id > MAX_DOMAINS)
    return refuse(
      CREATE_RULES.tooMany,
      'ENOMEM',
      'This session has created as many domains as it can.',
      { id },
      'A fresh machine.',
    );
  return call(p, 'xen', 'domain_create', { id }, () => {
    if (wanted.coco) call(p, 'xen', 'coco_set_domain_ops', { platform: 'AMD SEV' }, () => DONE);
    const made = chain(
      p,
      [
        ['xen', 'arch_domain_create'],
        ['xen', 'hvm_domain_initialise'],
      ],
      { id },
      () => hvmInitialise(p, id, wanted),
    );
    return made;
  });
}

function hvmInitialise(p: Platform, id: number, wanted: CreateDomain): Outcome<DomainCell> {
  const snp = wanted.coco && wanted.sevType === 'sev-snp';
  const kind = !wanted.coco ? 'plain' : snp ? 'sev-snp' : hasEs(wanted.policy) ? 'sev-es' : 'sev';
  const asid = assignAsid(p, id, kind, wanted.config.vcpus);
  if (!asid.ok) return asid;
  const { heap } = p.state.need('xen');
  const root = call(p, 'xen', 'paging_enable', { id }, () => newTable(p));
  if (!root.ok) return root;
  const taken = takenSince(p, heap);
  const plain: DomainCell = {
    id,
    name: wanted.config.name,
    alive: true,
    asid: asid.value,
    sev: wanted.coco,
    type: wanted.config.type,
    handle: null,
    policy: wanted.coco ? wanted.policy : null,
    snp,
    context: null,
    launchDigest: null,
    measurement: null,
    paused: true,
    finished: false,
    memory: 0,
    frames: [],
    vmcbs: [],
    userRegs: [],
    vmsas: [],
    nestedRoot: root.value,
    core: id % p.state.tlbs.length,
    tableFrames: taken,
    ...(snp && wanted.config.svsm && { svsm: true }),
    ...(snp && wanted.config.sevFeatures && { sevFeatures: wanted.config.sevFeatures }),
  };
  p.trace.set('domain', id, plain);
  p.trace.patch('xen', 0, { domains: id });
  const hooked = call(p, 'svm', 'svm_domain_initialise', { id }, () =>
    snp ? snpInitialise(p, id, wanted.policy) : wanted.coco ? sevInitialise(p, id, wanted) : DONE,
  );
  if (hooked.ok && (snp || kind === 'sev-es')) {
    const trapped = trapDevices(p, p.state.need('domain', id));
    if (!trapped.ok) return trapped;
  }
  return hooked.ok ? ok(p.state.need('domain', id)) : hooked;
}

/**
 * The hook of the proposals: the secure processor makes a guest and its key, or receives one, and loads the key into the
 * slot of its ASID.
 */
const sevInitialise = (p: Platform, id: number, { policy, session, receive }: CreateDomain): Outcome<null> =>
  chain(
    p,
    [
      ['xen', 'coco_domain_initialise'],
      ['svm', 'sev_domain_initialise'],
    ],
    { id, policy },
    () => {
      const { asid } = p.state.need('domain', id);
      const start = { HANDLE: 0, POLICY: policy };
      const started = receive
        ? command(p, 'RECEIVE_START', { ...start, ...owned(p, receive, 'PDH_CERT') })
        : command(p, 'LAUNCH_START', { ...start, ...(session && owned(p, session, 'DH_CERT')) });
      if (!started.ok) return started;
      const handle = Number(started.value.HANDLE);
      p.trace.patch('domain', id, { handle });
      const bound = command(p, 'ACTIVATE', { HANDLE: handle, ASID: asid });
      return bound.ok ? DONE : bound;
    },
  );

/** Whose certificate and session the firmware is given, and where they lie. */
const owned = (
  p: Platform,
  { certificate, session }: { readonly certificate: number; readonly session: number },
  name: 'PDH_CERT' | 'DH_CERT',
): Fields => ({
  [`${name}_PADDR`]: hostAddress(p, certificate),
  [`${name}_LEN`]: CERTIFICATE_BYTES,
  SESSION_PADDR: hostAddress(p, session),
  SESSION_LEN: SESSION_BYTES,
});
