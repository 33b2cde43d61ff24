import { CERTIFICATE_BYTES } from '../asp/crypto/certificate';
import { PACKET_HEADER_BYTES } from '../asp/crypto/packet';
import { SESSION_BYTES } from '../asp/crypto/session';
import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok, type Rule, refuse } from '../core/fault';
import { OWNER_HYPERVISOR, pageKey } from '../core/page';
import type { Platform } from '../core/platform';
import { hostStructureKey } from '../cpu/mode';
import { readVmcb, type VmcbField, writeVmcb } from '../cpu/vmcb';
import { vmcbOf } from '../cpu/vmrun';
import { peekBytes } from '../memory/cache';
import { streamWrite } from '../memory/fill';
import { enterGuest } from '../xen/domain';
import { livingDomains } from '../xen/domains';
import { createDomain } from '../xen/domctl/create';
import { destroyDomain, killDomain, NOTHING_OMITTED } from '../xen/domctl/destroy';
import { populate } from '../xen/domctl/memory';
import { pauseDomain } from '../xen/domctl/pause';
import { makeVcpus } from '../xen/domctl/vcpus';
import { command, hostAddress } from '../xen/driver/command';
import { frameAt } from '../xen/frames';
import { call, chain, upward } from '../xen/trail';
import { carry, withPages } from './channel';

const MIGRATE_RULES = {
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

/** Pages for buffers on each host: certificates (3), session, packet header, packet data. */
const PAGES = { certificates: 0, session: 3, header: 4, data: 5, count: 6 } as const;
const CHAIN_BYTES = 3 * CERTIFICATE_BYTES;

/** Fields of a VMCB that a vCPU of SEV without encrypted state takes along in the clear. */
const CARRIED: readonly VmcbField[] = ['efer', 'cr0', 'cr3', 'cr4', 'rflags', 'rip', 'rsp', 'rax'];

interface Ends {
  readonly near: Platform;
  readonly far: Platform;
  /** SPAs of the buffers on each host. */
  readonly here: number;
  readonly there: number;
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
      const { handle, name } = domain;
      if (handle === null)
        return near.trace.refused(
          refuse(
            MIGRATE_RULES.plain,
            'EINVAL',
            `${name} is not encrypted.`,
            { guest: name },
            'An SEV guest.',
          ),
        );
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

/** Every page that was ever written: private ones as packets, shared ones as they are. */
function copyMemory(ends: Ends, from: DomainCell, to: DomainCell, handle: number): Outcome<null> {
  const { near, far } = ends;
  const shared = new Set(near.state.cell('guest', from.id)?.shared ?? []);
  for (let gfn = 0; gfn * PAGE_SIZE < from.memory; gfn++) {
    const [source, target] = [frameAt(from.frames, gfn), frameAt(to.frames, gfn)];
    if (source === null || target === null || pageKey(near.state.pages.get(source)) === 0) continue;
    if (shared.has(gfn)) {
      const bytes = peekBytes(near, 0, source * PAGE_SIZE, PAGE_SIZE, hostStructureKey(near));
      streamWrite(far, target * PAGE_SIZE, bytes, hostStructureKey(far), OWNER_HYPERVISOR);
      continue;
    }
    const moved = movePage(ends, handle, to.handle ?? 0, source * PAGE_SIZE, target * PAGE_SIZE);
    if (!moved.ok) return upward(moved, `page ${gfn} of ${from.name}`);
  }
  return DONE;
}

/** SEND_UPDATE_DATA here, the packet over the network, RECEIVE_UPDATE_DATA there. */
function movePage(ends: Ends, handle: number, other: number, source: number, target: number): Outcome<null> {
  const { near, far, here, there } = ends;
  const packet = (p: Platform, base: number, guest: number) => ({
    HDR_PADDR: hostAddress(p, base + PAGES.header * PAGE_SIZE),
    HDR_LEN: PACKET_HEADER_BYTES,
    GUEST_PADDR: hostAddress(p, guest),
    GUEST_LEN: PAGE_SIZE,
    TRANS_PADDR: hostAddress(p, base + PAGES.data * PAGE_SIZE),
    TRANS_LEN: PAGE_SIZE,
  });
  const sent = command(near, 'SEND_UPDATE_DATA', { HANDLE: handle, ...packet(near, here, source) });
  if (!sent.ok) return sent;
  carry(near, here + PAGES.header * PAGE_SIZE, PACKET_HEADER_BYTES, far, there + PAGES.header * PAGE_SIZE);
  carry(near, here + PAGES.data * PAGE_SIZE, PAGE_SIZE, far, there + PAGES.data * PAGE_SIZE);
  const came = command(far, 'RECEIVE_UPDATE_DATA', { HANDLE: other, ...packet(far, there, target) });
  return came.ok ? DONE : came;
}

function carryVcpus({ near, far }: Ends, from: DomainCell, to: DomainCell): void {
  call(near, 'libxl', 'libxl__domain_save', { guest: from.name }, () => {
    for (const vcpu of from.vmcbs.keys())
      for (const field of CARRIED)
        writeVmcb(
          far,
          0,
          vmcbOf(to, vcpu),
          field,
          readVmcb(near, 0, vmcbOf(from, vcpu), field),
          OWNER_HYPERVISOR,
        );
    return DONE;
  });
}
