import { GUEST_BASE, PAGE_SIZE } from './core/address';
import type { CoreCell, DomainCell } from './core/cells';
import { type Fault, type Outcome, ok, refuse } from './core/fault';
import { keyName } from './core/key';
import type { Eye, Look } from './core/look';
import type { Platform } from './core/platform';
import type { State } from './core/state';
import { lookThrough } from './cpu/access';
import { selectKey } from './cpu/key';
import { HOST_MODE, keyContext, memEncryption, selector } from './cpu/mode';
import { translate } from './cpu/translate';
import { prepareEntry } from './cpu/vmrun';
import { lookByDma } from './device/dma';
import { peekBytes } from './memory/cache';
import { reach } from './memory/regions';
import { POWER_RULES } from './physical/power';
import { outsideStick } from './physical/stick';
import { nextTag } from './xen/asid';
import { TLB_CONTROL } from './xen/asids/events';
import { domainNamed, notScheduled } from './xen/domain';
import { gfnOf } from './xen/guestFrames';
import { hostVirtual } from './xen/host';
import { hasCoco } from './xen/tree';

/**
 * What would X see there? Changes nothing and always answers: with bytes, or with the fault that the real access would
 * raise. `address` is what the eye uses: a GVA, GPA or SPA for a guest, an SPA for the host and the probe, a bus address
 * for the device.
 */
export function look(p: Platform, eye: Eye, address: number, length: number): Look {
  if (eye.eye === 'dram') return lookAtStick(p, address, length);
  if (!isUp(p)) return off();
  if (eye.eye === 'device') return lookByDma(p, p.state.need('device').domain, address, length);
  if (eye.eye === 'host') {
    const view = eye.c === 'mapped' ? 'mapped' : eye.c === 0 ? '0' : '1';
    return through(p, hostCore(p), address, length, (at) => hostVirtual(at, view));
  }
  const domain = domainNamed(p, eye.guest);
  if (!domain.ok) return domain;
  const stopped = notScheduled(domain.value);
  if (stopped) return stopped;
  return lookAsGuest(p, domain.value, eye, address, length);
}

/** Has the machine power, and has Xen built its tables and given them to every core? */
export function isUp(p: Platform): boolean {
  const { state } = p;
  const lastCore = state.cell('core', state.tlbs.length - 1);
  return state.cell('power')?.on === true && lastCore !== null && (state.cell('xen')?.hostRoot ?? 0) !== 0;
}

function lookAtStick(p: Platform, address: number, length: number): Look {
  const wrong = outsideStick(p.config, address, length);
  return wrong
    ? { ok: false, fault: wrong }
    : { ok: true, bytes: p.state.dram.read(address, length), key: 'raw' };
}

const off = (): { ok: false; fault: Fault } =>
  refuse(
    POWER_RULES.off,
    'refused',
    'The machine is off, or still starting: nothing but the stick can be read.',
    {},
    'Power on.',
  );

/** A core and the mode that it is to be in for the moment of a look. */
export interface CoreMode {
  readonly id: number;
  readonly cell: CoreCell;
  /** Entering it drops the translations that the core holds. */
  readonly flushes?: boolean;
}

function through(
  p: Platform,
  mode: CoreMode,
  address: number,
  length: number,
  virtual: (at: number) => number,
  op: 'read' | 'fetch' = 'read',
): Look {
  return lookThrough(onCore(p, mode), mode.id, virtual(address), length, op);
}

/** The platform with one core in another mode over the same memory, and if asked with its TLB empty. */
export function onCore(p: Platform, { id, cell, flushes }: CoreMode, { withTlb = !flushes } = {}): Platform {
  if (withTlb && p.state.need('core', id) === cell) return p;
  const state = Object.create(p.state) as State;
  const need = p.state.need.bind(p.state);
  const tlbs = withTlb ? p.state.tlbs : p.state.tlbs.map((tlb, core) => (core === id ? new Map() : tlb));
  const swapped = (kind: string, number = 0) =>
    kind === 'core' && number === id ? cell : need(kind as 'core', number);
  Object.defineProperties(state, { need: { value: swapped }, tlbs: { value: tlbs } });
  const { config, trace, blobs } = p;
  return { config, state, trace, blobs, far: () => p.far(), cipher: (key) => p.cipher(key) };
}

/**
 * The mode in which somebody's accesses are made: `xen` on core 0, a guest on its own core, also one that is paused; null
 * for nobody, or where VMRUN would refuse.
 */
export function modeOf(p: Platform, who: string): CoreMode | null {
  if (!isUp(p)) return null;
  if (who === 'xen') return hostCore(p);
  const domain = domainNamed(p, who);
  if (!domain.ok || domain.value.vmcbs.length === 0) return null;
  const mode = guestCore(p, domain.value);
  return mode.ok ? mode.value : null;
}

/** Why somebody cannot read anything now, or null. */
export function idle(p: Platform, who: string): Fault | null {
  if (who === 'xen') return null;
  const domain = domainNamed(p, who);
  if (!domain.ok) return domain.fault;
  const mode = notScheduled(domain.value) ?? guestCore(p, domain.value);
  return mode.ok ? null : mode.fault;
}

/** Core 0 as the host has it. */
function hostCore(p: Platform): CoreMode {
  const cell = p.state.need('core');
  if (cell.domain === null) return { id: 0, cell };
  return { id: 0, cell: { ...cell, ...HOST_MODE } };
}

/**
 * What a guest would read from a frame that is not its own, if the hypervisor mapped it in as a private page: the bytes
 * through that guest's key.
 */
export function lookIfMapped(p: Platform, guest: string, spa: number, length: number): Look {
  const domain = domainNamed(p, guest);
  if (!domain.ok) return domain;
  const mode = notScheduled(domain.value) ?? guestCore(p, domain.value);
  if (!mode.ok) return mode;
  const { cell } = mode.value;
  const reached = reach(p, spa, length);
  if (!reached.ok) return reached;
  const nestedC = memEncryption(p) && p.config.sme === 'full';
  const choice = selectKey({ ...keyContext(p, cell), kind: 'data', c: true, nestedC });
  const key = selector(choice.key, cell.asid);
  return { ok: true, bytes: peekBytes(p, cell.complex, spa, length, key), key: keyName(key) };
}

/** The fields of the VMCB that Xen writes before a VMRUN (`prepareAsid`). */
function aboutToWrite(p: Platform, domain: DomainCell, core: number): { asid?: number; tlbControl?: number } {
  const tag = nextTag(p, domain, core);
  if (!tag) return {};
  const tlbControl = TLB_CONTROL[tag.tlbControl];
  return { ...(hasCoco(p) ? {} : { asid: tag.asid }), ...(tlbControl === 0 ? {} : { tlbControl }) };
}

/** The guest's core as it runs now, or as VMRUN would set it up or refuse to, once it has left any other. */
function guestCore(p: Platform, domain: DomainCell): Outcome<CoreMode> {
  const id = domain.core;
  const runs = ({ domain: there, vcpu }: CoreCell) => there === domain.id && vcpu === 0;
  const cell = p.state.need('core', id);
  if (runs(cell)) return ok({ id, cell });
  const leaving = p.state.tlbs.map((_, core) => p.state.need('core', core)).find(runs) ?? null;
  const entry = prepareEntry(p, id, domain, { ...aboutToWrite(p, domain, id), leaving });
  if (!entry.ok) return entry;
  const { mode, flushes } = entry.value;
  return ok({ id, cell: { ...cell, ...mode }, flushes: flushes !== null });
}

function lookAsGuest(
  p: Platform,
  domain: DomainCell,
  { space, op }: Extract<Eye, { eye: 'guest' }>,
  address: number,
  length: number,
): Look {
  const core = guestCore(p, domain);
  if (!core.ok) return core;
  if (space === 'spa') return lookAtFrames(p, core.value, domain, { address, length, op });
  const base = space === 'gpa' && core.value.cell.guestPaging ? GUEST_BASE : 0;
  return through(p, core.value, address, length, (at) => at + base, op);
}

/** What a guest sees of frames, page by page: only those that the hypervisor maps where it gave them. */
function lookAtFrames(
  p: Platform,
  core: CoreMode,
  domain: DomainCell,
  { address: spa, length, op }: { address: number; length: number; op: 'read' | 'fetch' | undefined },
): Look {
  const out = new Uint8Array(length);
  const view = onCore(p, core);
  let key = '';
  for (let done = 0; done < length; ) {
    const at = spa + done;
    const take = Math.min(PAGE_SIZE - (at % PAGE_SIZE), length - done);
    const gpa = gpaOf(domain, at);
    if (gpa === null) return notYours(domain, at);
    const virtual = gpa + (core.cell.guestPaging ? GUEST_BASE : 0);
    const arrived = translate(view, core.id, virtual, op ?? 'read').outcome;
    if (!arrived.ok) return arrived;
    if (arrived.value.spa !== at) return notYours(domain, at);
    const seen = lookThrough(view, core.id, virtual, take, op);
    if (!seen.ok) return seen;
    key = seen.key;
    out.set(seen.bytes, done);
    done += take;
  }
  return { ok: true, bytes: out, key };
}

const notYours = (domain: DomainCell, address: number): { ok: false; fault: Fault } =>
  refuse(
    {
      id: 'guest.not-mine',
      says: 'A guest reaches only the frames that the hypervisor has given it.',
      source: 'APM vol. 2 §15.25 (nested paging)',
      standing: 'published',
    },
    '#NPF',
    `${domain.name} has no guest physical address for 0x${address.toString(16)}.`,
    { address, guest: domain.name },
    'The hypervisor would have to map this frame into the guest.',
  );

/** The guest physical address at which a guest was given a system physical one, or null. */
export function gpaOf(domain: DomainCell, spa: number): number | null {
  const gfn = gfnOf(domain, Math.floor(spa / PAGE_SIZE));
  return gfn === null ? null : gfn * PAGE_SIZE + (spa % PAGE_SIZE);
}
