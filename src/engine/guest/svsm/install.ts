import { GUEST_BASE, HUGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import { uint } from '../../core/bytes';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, ok, type Rule } from '../../core/fault';
import type { MonitorCell } from '../../core/guestCells';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { flushAsid } from '../../cpu/tlb';
import { allocate } from '../allocate';
import { acceptBeforeUse } from '../lazy';
import { coreOf, type Vcpu, vcpuAccess } from '../memory';
import { directMap } from '../tables';
import {
  askForAp,
  featureBits,
  fillVmsa,
  markVmsa,
  takeFromBelow,
  vmsaImage,
  vmsaPage,
} from '../vc/createVmsa';
import { runVmpl } from '../vc/level';
import { readBytes, writeBytes } from './monitor';
import { grantMemory, KERNEL_MAY } from './permissions';

const INSTALL: Rule = {
  id: 'svsm.install',
  says: 'A monitor at VMPL0 keeps pages for itself, gives the rest of the memory to the kernel’s VMPL, makes the kernel’s VMSA and has the hypervisor run it.',
  source:
    'SVSM specification #58019; coconut-svsm kernel/src/svsm.rs; modelled: a small monitor of ours that the kernel’s image carries',
  standing: 'modelled',
};

/** VMPL of the kernel below the monitor, as in coconut-svsm. */
const KERNEL_VMPL = 2;

/**
 * Fields of the secrets page (Linux arch/x86/include/asm/sev.h, struct snp_secrets_page): the keys of the VMPLs, 32 bytes each, and
 * what a monitor tells its kernel.
 */
const SECRETS = {
  keys: 0x20,
  keyBytes: 32,
  levels: 4,
  base: 0x140,
  size: 0x148,
  area: 0x150,
  version: 0x158,
  vmpl: 0x15c,
};

/** Pages of the monitor: its first one for what it keeps, and its own page tables behind. */
function takeOwn(p: Platform, vcpu: Vcpu): Outcome<Pick<MonitorCell, 'own' | 'ownLength' | 'root'>> {
  const { domain } = vcpu;
  const span = Math.max(domain.memory, HUGE_PAGE_SIZE);
  const count = directMap(p, span, domain.sev).length;
  const ownLength = (1 + count) * PAGE_SIZE;
  const place = allocate(p, domain, { name: 'monitor', kind: 'bytes', length: ownLength });
  if (!place.ok) return place;
  const root = place.value - GUEST_BASE + PAGE_SIZE;
  const empty = vcpuAccess(p, vcpu, 'write', place.value, PAGE_SIZE, new Uint8Array(PAGE_SIZE), true);
  if (!empty.ok) return empty;
  for (const [gpa, bytes] of directMap(p, span, domain.sev, root)) {
    const written = vcpuAccess(p, vcpu, 'write', GUEST_BASE + gpa, PAGE_SIZE, bytes, true);
    if (!written.ok) return written;
  }
  return ok({ own: place.value, ownLength, root });
}

/** A page of zeros that both use. */
function takeArea(p: Platform, vcpu: Vcpu, name: string): Outcome<number> {
  const place = allocate(p, vcpu.domain, { name, kind: 'bytes', length: PAGE_SIZE });
  if (!place.ok) return place;
  const cleared = vcpuAccess(p, vcpu, 'write', place.value, PAGE_SIZE, new Uint8Array(PAGE_SIZE), true);
  return cleared.ok ? place : cleared;
}

/** The kernel gets a secrets page without the keys of other VMPLs, and with what the monitor says; the real one stays above. */
function splitSecrets(p: Platform, vcpu: Vcpu, monitor: MonitorCell): Outcome<number | null> {
  const { id } = vcpu.domain;
  const before = p.state.need('guest', id).objects.find(({ name }) => name === 'secrets');
  if (!before) return ok(null);
  const page = readBytes(p, vcpu, before.address, PAGE_SIZE);
  if (!page.ok) return page;
  const copy = page.value.slice();
  for (let level = 0; level < SECRETS.levels; level++)
    if (level !== monitor.vmpl)
      copy.fill(0, SECRETS.keys + level * SECRETS.keyBytes, SECRETS.keys + (level + 1) * SECRETS.keyBytes);
  copy.set(uint(BigInt(monitor.own - GUEST_BASE), 8), SECRETS.base);
  copy.set(uint(BigInt(monitor.ownLength), 8), SECRETS.size);
  copy.set(uint(BigInt(monitor.area - GUEST_BASE), 8), SECRETS.area);
  copy.set(uint(1n, 4), SECRETS.version);
  copy[SECRETS.vmpl] = monitor.vmpl;
  const { objects } = p.state.need('guest', id);
  const renamed = objects.map((each) => (each === before ? { ...each, name: 'secrets of VMPL0' } : each));
  p.trace.patch('guest', id, { objects: renamed });
  const place = takeArea(p, vcpu, 'secrets');
  if (!place.ok) return place;
  const written = writeBytes(p, vcpu, place.value, copy);
  return written.ok ? ok((before.address - GUEST_BASE) / PAGE_SIZE) : written;
}

const pagesOf = (gva: number, length: number): number[] =>
  Array.from({ length: length / PAGE_SIZE }, (_, page) => (gva - GUEST_BASE) / PAGE_SIZE + page);

/** RMPADJUST of all the memory: the kernel’s level gets it, and of what is the monitor’s nobody below gets anything. */
function divide(p: Platform, vcpu: Vcpu, monitor: MonitorCell, secrets: number | null): Outcome<null> {
  const { id } = vcpu.domain;
  const { memory } = p.state.need('domain', id);
  const { shared } = p.state.need('guest', id);
  const kept = [...pagesOf(monitor.own, monitor.ownLength), ...(secrets === null ? [] : [secrets])];
  const omit = new Set([...kept, ...shared]);
  const given = grantMemory(
    p,
    vcpu,
    { from: 0, to: memory, omit },
    { target: monitor.vmpl, permissions: KERNEL_MAY },
  );
  if (!given.ok) return given;
  const { vmpls } = featuresOf(p.state);
  for (const page of kept) {
    const taken = takeFromBelow(p, vcpu, GUEST_BASE + page * PAGE_SIZE, vmpls);
    if (!taken.ok) return taken;
  }
  return DONE;
}

/** The kernel’s first vCPU at its own level: a VMSA, which Xen is told of. */
function makeKernel(p: Platform, vcpu: Vcpu, { vmsa, vmpl }: MonitorCell): Outcome<null> {
  const { root, objects } = p.state.need('guest', vcpu.domain.id);
  const entry = objects.find(({ name }) => name === 'kernel')?.address ?? GUEST_BASE;
  const image = vmsaImage({ vmpl, entry, root, features: [] });
  const steps = [
    () => takeFromBelow(p, vcpu, vmsa, featuresOf(p.state).vmpls),
    () => fillVmsa(p, vcpu, vmsa, image),
    () => markVmsa(p, vcpu, vmsa, vmpl),
    () => askForAp(p, vcpu, 'create', { vmpl, target: 0, gva: vmsa, features: featureBits([]) }),
  ];
  for (const step of steps) {
    const done = step();
    if (!done.ok) return done;
  }
  return DONE;
}

/** From now on the monitor uses page tables that no one below can write. */
function ownTables(p: Platform, vcpu: Vcpu, root: number): void {
  const core = coreOf(p, vcpu);
  p.trace.patch('core', core, { guestCr3: root });
  flushAsid(p, core, p.state.need('core', core).asid);
}

/** A guest that has booted at VMPL0 gets its monitor; its kernel goes on at VMPL2. */
export const installMonitor = (p: Platform, domain: DomainCell): Outcome<null> =>
  p.trace.span('guest', domain.name, 'install monitor', { vmpl: KERNEL_VMPL }, () => {
    const vcpu = { domain, vcpu: 0 };
    const accepted = acceptBeforeUse(p, domain, 0, domain.memory);
    if (!accepted.ok) return accepted;
    p.trace.fact('note', { what: 'monitor', vmpl: KERNEL_VMPL }, INSTALL);
    const taken = takeOwn(p, vcpu);
    if (!taken.ok) return taken;
    const vmsa = vmsaPage(p, vcpu, 'VMSA of vCPU 0, VMPL2');
    if (!vmsa.ok) return vmsa;
    const area = takeArea(p, vcpu, 'calling area');
    if (!area.ok) return area;
    const monitor = { ...taken.value, vmpl: KERNEL_VMPL, vmsa: vmsa.value, area: area.value };
    const secrets = splitSecrets(p, vcpu, monitor);
    if (!secrets.ok) return secrets;
    const divided = divide(p, vcpu, monitor, secrets.value);
    if (!divided.ok) return divided;
    const made = makeKernel(p, vcpu, monitor);
    if (!made.ok) return made;
    ownTables(p, vcpu, monitor.root);
    p.trace.patch('guest', domain.id, { monitor });
    return runVmpl(p, vcpu, monitor.vmpl);
  });
