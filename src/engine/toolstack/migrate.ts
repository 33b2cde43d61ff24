import { CERTIFICATE_BYTES } from '../asp/crypto/certificate';
import { SESSION_BYTES } from '../asp/crypto/session';
import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';
import { enterGuest } from '../xen/domain';
import { livingDomains } from '../xen/domains';
import { createDomain } from '../xen/domctl/create';
import { destroyDomain, killDomain, NOTHING_OMITTED } from '../xen/domctl/destroy';
import { populate } from '../xen/domctl/memory';
import { pauseDomain } from '../xen/domctl/pause';
import { makeVcpus } from '../xen/domctl/vcpus';
import { command, hostAddress } from '../xen/driver/command';
import { chain, upward } from '../xen/trail';
import { carry, withPages } from './channel';
import { carryVcpus, copyMemory, copyVmsas, type Ends, PAGES } from './transfer';

const MIGRATE_RULES = {
  snp: {
    id: 'xl.migrate-snp',
    says: 'SEND and RECEIVE are for guests without SNP; one with SNP would need a migration agent, which no Xen has.',
    source: 'AMD-ASPFW sev_mcmd.c (SNP_PAGE_SWAP_*, SNP_LAUNCH_START: MA_EN); xen.md F.1',
    standing: 'published',
  },
  plain: {
    id: 'xl.migrate-plain',
    says: 'This simulator sends encrypted guests to the other host; of others it has nothing to show.',
    source: 'this simulator',
    standing: 'modelled',
  },
  name: {
    id: 'xl.migrate-name',
    says: 'The other host has a living domain of this name already.',
    source: 'Xen tools/libs/light/libxl_create.c (libxl_name_to_domid)',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

const CHAIN_BYTES = 3 * CERTIFICATE_BYTES;

/** The firmware’s handle of a guest for which there are SEND commands. */
export function handleToSend(near: Platform, { handle, name, snp }: DomainCell): Outcome<number> {
  if (!snp && handle !== null) return ok(handle);
  return near.trace.refused(
    snp
      ? refuse(
          MIGRATE_RULES.snp,
          'EINVAL',
          `${name} has SEV-SNP.`,
          { guest: name },
          'A guest with SEV or SEV-ES.',
        )
      : refuse(MIGRATE_RULES.plain, 'EINVAL', `${name} is not encrypted.`, { guest: name }, 'An SEV guest.'),
  );
}

/**
 * `xl migrate` of an encrypted guest. No series for Xen has this: the sequence is that of SEND_* and RECEIVE_* as the
 * firmware wants it, under xl’s usual steps. Answers with the domain on the other host.
 */
export const migrate = (near: Platform, domain: DomainCell): Outcome<DomainCell> =>
  chain(
    near,
    [
      ['xl', 'main_migrate'],
      ['libxl', 'libxl_domain_suspend'],
    ],
    { guest: domain.name, to: 'host b' },
    () => {
      const { name } = domain;
      const sendable = handleToSend(near, domain);
      if (!sendable.ok) return sendable;
      const handle = sendable.value;
      const far = near.far();
      if (livingDomains(far).some((other) => other.name === name))
        return near.trace.refused(
          refuse(
            MIGRATE_RULES.name,
            'EEXIST',
            `Host b has a guest named ${name}.`,
            { guest: name },
            'Another name.',
          ),
        );
      return withPages(near, PAGES.count, (here) =>
        withPages(far, PAGES.count, (there) => send({ near, far, here, there }, domain, handle)),
      );
    },
  );

function send(ends: Ends, domain: DomainCell, handle: number): Outcome<DomainCell> {
  const { near, far } = ends;
  const certificates = exportCertificates(ends);
  if (!certificates.ok) return upward(certificates, 'host b cannot show its certificates');
  const session = startSending(ends, handle);
  if (!session.ok) return upward(session, `${domain.name} stays here`);
  const paused = pauseDomain(near, domain.id);
  if (!paused.ok) return paused;
  const before = far.state.need('xen').domains;
  const received = receive(ends, domain, session.value, handle);
  if (!received.ok) {
    const half = far.state.cell('domain', before + 1);
    if (half?.alive) killDomain(far, half);
    command(near, 'SEND_CANCEL', { HANDLE: handle });
    near.trace.patch('domain', domain.id, { paused: false });
    return received;
  }
  const gone = destroyDomain(near, near.state.need('domain', domain.id), NOTHING_OMITTED);
  return gone.ok ? received : gone;
}

/** The other host’s PDH certificate and its chain, brought here. */
function exportCertificates({ near, far, here, there }: Ends): Outcome<null> {
  const at = there + PAGES.certificates * PAGE_SIZE;
  const exported = command(far, 'PDH_CERT_EXPORT', {
    PDH_PADDR: hostAddress(far, at),
    PDH_LEN: CERTIFICATE_BYTES,
    CERTS_PADDR: hostAddress(far, at + CERTIFICATE_BYTES),
    CERTS_LEN: CHAIN_BYTES,
  });
  if (!exported.ok) return exported;
  carry(far, at, CERTIFICATE_BYTES + CHAIN_BYTES, near, here + PAGES.certificates * PAGE_SIZE);
  return DONE;
}

/** SEND_START: a session for the other host’s PDH. Answers with the policy, which travels along. */
function startSending({ near, here }: Ends, handle: number): Outcome<number> {
  const at = here + PAGES.certificates * PAGE_SIZE;
  const started = command(near, 'SEND_START', {
    HANDLE: handle,
    PDH_CERT_PADDR: hostAddress(near, at),
    PDH_CERT_LEN: CERTIFICATE_BYTES,
    PLAT_CERTS_PADDR: hostAddress(near, at + CERTIFICATE_BYTES),
    PLAT_CERTS_LEN: CHAIN_BYTES,
    SESSION_PADDR: hostAddress(near, here + PAGES.session * PAGE_SIZE),
    SESSION_LEN: SESSION_BYTES,
  });
  return started.ok ? ok(Number(started.value.POLICY)) : started;
}

/** The other host’s half: a domain as for a creation, its memory packet by packet, then it runs. */
function receive(ends: Ends, domain: DomainCell, policy: number, handle: number): Outcome<DomainCell> {
  const { near, far } = ends;
  const session = carrySession(ends, policy);
  if (!session.ok) return session;
  const { name, type } = domain;
  const made = createDomain(far, {
    config: {
      name,
      type,
      vcpus: domain.vmcbs.length,
      maxVcpus: domain.vmcbs.length,
      hap: true,
      nestedHvm: false,
      encrypted: true,
      other: { onPoweroff: 'destroy', onReboot: 'restart', onCrash: 'destroy' },
    },
    coco: true,
    sevType: 'sev',
    policy,
    session: null,
    receive: session.value,
  });
  if (!made.ok) return made;
  const { id } = made.value;
  const vcpus = makeVcpus(far, id, domain.vmcbs.length);
  if (!vcpus.ok) return vcpus;
  const populated = populate(far, id, domain.memory);
  if (!populated.ok) return populated;
  const copied = copyMemory(ends, domain, populated.value, handle);
  if (!copied.ok) return copied;
  const states = copyVmsas(ends, domain, populated.value, handle);
  if (!states.ok) return states;
  const sent = command(near, 'SEND_FINISH', { HANDLE: handle });
  if (!sent.ok) return sent;
  const finished = command(far, 'RECEIVE_FINISH', { HANDLE: populated.value.handle ?? 0 });
  if (!finished.ok) return finished;
  carryVcpus(ends, domain, far.state.need('domain', id));
  const os = near.state.cell('guest', domain.id);
  if (os) far.trace.set('guest', id, { ...os, domain: id });
  far.trace.patch('domain', id, { finished: true, paused: false });
  const entered = enterGuest(far, far.state.need('domain', id));
  return entered.ok ? ok(far.state.need('domain', id)) : entered;
}

/** The sender’s PDH certificate and the session, brought to the other host. */
function carrySession(
  { near, far, here, there }: Ends,
  policy: number,
): Outcome<{ certificate: number; session: number }> {
  const own = command(near, 'PDH_CERT_EXPORT', {
    PDH_PADDR: hostAddress(near, here + PAGES.certificates * PAGE_SIZE),
    PDH_LEN: CERTIFICATE_BYTES,
    CERTS_PADDR: hostAddress(near, here + PAGES.certificates * PAGE_SIZE + CERTIFICATE_BYTES),
    CERTS_LEN: CHAIN_BYTES,
  });
  if (!own.ok) return own;
  const certificate = there + PAGES.certificates * PAGE_SIZE;
  const session = there + PAGES.session * PAGE_SIZE;
  carry(near, here + PAGES.certificates * PAGE_SIZE, CERTIFICATE_BYTES, far, certificate);
  carry(near, here + PAGES.session * PAGE_SIZE, SESSION_BYTES, far, session);
  far.trace.fact('note', { what: 'session for a guest that comes', policy });
  return ok({ certificate, session });
}
