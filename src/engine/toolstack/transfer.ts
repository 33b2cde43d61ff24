import { PACKET_HEADER_BYTES } from '../asp/crypto/packet';
import { PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome } from '../core/fault';
import { OWNER_HYPERVISOR, pageKey } from '../core/page';
import type { Platform } from '../core/platform';
import { hostStructureKey } from '../cpu/mode';
import { readVmcb, type VmcbField, writeVmcb } from '../cpu/vmcb';
import { vmcbOf } from '../cpu/vmrun';
import { peekBytes } from '../memory/cache';
import { streamWrite } from '../memory/fill';
import { command, hostAddress } from '../xen/driver/command';
import { readExtended, writeExtended } from '../xen/extended';
import { frameAt } from '../xen/frames';
import { hasEs } from '../xen/kind';
import { readUserRegs, userRegsOf, writeUserRegs } from '../xen/stub';
import { call, upward } from '../xen/trail';
import { carry } from './channel';

/** Pages for buffers on each host: certificates (3), session, packet header, packet data. */
export const PAGES = { certificates: 0, session: 3, header: 4, data: 5, count: 6 } as const;

/** Both hosts of a migration. */
export interface Ends {
  readonly near: Platform;
  readonly far: Platform;
  /** SPAs of the buffers on each host. */
  readonly here: number;
  readonly there: number;
}

/** Fields of a VMCB that a vCPU takes along in the clear; with SEV-ES only where its GHCB is, the rest is in the VMSA. */
const CARRIED: Readonly<Record<'sev' | 'sev-es', readonly VmcbField[]>> = {
  sev: ['efer', 'cr0', 'cr3', 'cr4', 'rflags', 'rip', 'rsp', 'rax', 'cr2', 'dr6', 'dr7'],
  'sev-es': ['ghcb'],
};

/** Every page that was ever written: private ones as packets, shared ones as they are. */
export function copyMemory(ends: Ends, from: DomainCell, to: DomainCell, handle: number): Outcome<null> {
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
    const between = { handle, other: to.handle ?? 0, source: source * PAGE_SIZE, target: target * PAGE_SIZE };
    const moved = movePage(ends, 'DATA', between);
    if (!moved.ok) return upward(moved, `page ${gfn} of ${from.name}`);
  }
  return DONE;
}

/** With SEV-ES the vCPUs’ states travel as packets, too: neither host’s Xen sees them. */
export function copyVmsas(ends: Ends, from: DomainCell, to: DomainCell, handle: number): Outcome<null> {
  for (const [vcpu, source] of from.vmsas.entries()) {
    const between = { handle, other: to.handle ?? 0, source, target: to.vmsas[vcpu] ?? 0 };
    const moved = movePage(ends, 'VMSA', between);
    if (!moved.ok) return upward(moved, `vCPU ${vcpu} of ${from.name}`);
  }
  return DONE;
}

/** SEND_UPDATE_… here, the packet over the network, RECEIVE_UPDATE_… there. Source and target are SPAs. */
function movePage(
  ends: Ends,
  what: 'DATA' | 'VMSA',
  { handle, other, source, target }: Readonly<Record<'handle' | 'other' | 'source' | 'target', number>>,
): Outcome<null> {
  const { near, far, here, there } = ends;
  const packet = (p: Platform, base: number, guest: number) => ({
    HDR_PADDR: hostAddress(p, base + PAGES.header * PAGE_SIZE),
    HDR_LEN: PACKET_HEADER_BYTES,
    GUEST_PADDR: hostAddress(p, guest),
    GUEST_LEN: PAGE_SIZE,
    TRANS_PADDR: hostAddress(p, base + PAGES.data * PAGE_SIZE),
    TRANS_LEN: PAGE_SIZE,
  });
  const sent = command(near, `SEND_UPDATE_${what}`, { HANDLE: handle, ...packet(near, here, source) });
  if (!sent.ok) return sent;
  carry(near, here + PAGES.header * PAGE_SIZE, PACKET_HEADER_BYTES, far, there + PAGES.header * PAGE_SIZE);
  carry(near, here + PAGES.data * PAGE_SIZE, PAGE_SIZE, far, there + PAGES.data * PAGE_SIZE);
  const came = command(far, `RECEIVE_UPDATE_${what}`, { HANDLE: other, ...packet(far, there, target) });
  return came.ok ? DONE : came;
}

/** What Xen itself has of the vCPUs. */
export function carryVcpus({ near, far }: Ends, from: DomainCell, to: DomainCell): void {
  const es = hasEs(from.policy);
  call(near, 'libxl', 'libxl__domain_save', { guest: from.name }, () => {
    const running = near.state.cell('vcpus', from.id);
    if (running) far.trace.set('vcpus', to.id, { ...running, lies: [] });
    for (const vcpu of from.vmcbs.keys()) {
      const [source, target] = [vmcbOf(from, vcpu), vmcbOf(to, vcpu)];
      for (const field of CARRIED[es ? 'sev-es' : 'sev'])
        writeVmcb(far, 0, target, field, readVmcb(near, 0, source, field), OWNER_HYPERVISOR);
      if (es) continue;
      const [kept, place] = [userRegsOf(from, vcpu), userRegsOf(to, vcpu)];
      writeUserRegs(far, 0, place, readUserRegs(near, 0, kept));
      writeExtended(far, 0, place, readExtended(near, 0, kept));
    }
    return DONE;
  });
}
