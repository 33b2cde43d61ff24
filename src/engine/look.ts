import { GUEST_BASE, PAGE_SIZE } from './core/address';
import type { CoreCell, DomainCell } from './core/cells';
import { type Fault, refuse } from './core/fault';
import { keyName } from './core/key';
import type { Eye, Look } from './core/look';
import type { Platform } from './core/platform';
import type { State } from './core/state';
import { lookThrough } from './cpu/access';
import { selectKey } from './cpu/key';
import { hostFormat, keyContext, memEncryption, selector } from './cpu/translate';
import { CR0_PG, NP_ENABLE, readVmcb, SEV_ENABLE } from './cpu/vmcb';
import { lookByDma } from './device/dma';
import { peekBytes } from './memory/cache';
import { pageCount, reach } from './memory/regions';
import { POWER_RULES } from './physical/power';
import { domainNamed } from './xen/domain';
import { countFrames, indexOfFrame } from './xen/frames';
import { hostVirtual } from './xen/host';

/**
 * What would X see there? Changes nothing and always answers: with bytes, or with the fault that the real access would
 * raise. `address` is what the eye uses: a GVA, GPA or SPA for a guest, an SPA for the host and the probe, a bus address
 * for the device.
 */
export function look(p: Platform, eye: Eye, address: number, length: number): Look {
  if (eye.eye === 'dram') return lookAtStick(p, address, length);
  if (!p.state.need('power').on) return off();
  if (eye.eye === 'device') return lookByDma(p, p.state.need('device').domain, address, length);
  if (eye.eye === 'host') {
    const view = eye.c === 'mapped' ? 'mapped' : eye.c === 0 ? '0' : '1';
    return through(p, hostCore(p), address, length, (at) => hostVirtual(at, view));
  }
  const domain = domainNamed(p, eye.guest);
  if (!domain.ok) return domain;
  return lookAsGuest(p, domain.value, eye.space, address, length);
}

function lookAtStick(p: Platform, address: number, length: number): Look {
  const end = pageCount(p.config) * PAGE_SIZE;
  if (address + length <= end) return { ok: true, bytes: p.state.dram.read(address, length), key: 'raw' };
  return refuse(
    { ...POWER_RULES.off, id: 'physical.no-stick', says: 'A probe reads only what is plugged in.' },
    'refused',
    `The stick ends at 0x${end.toString(16)}.`,
    { address, length },
    'An address below that.',
  );
}

const off = (): { ok: false; fault: Fault } =>
  refuse(
    POWER_RULES.off,
    'refused',
    'The machine is off: nothing but the stick can be read.',
    {},
    'Power on.',
  );

/** A core and the mode that it is to be in for the moment of a look. */
export interface CoreMode {
  readonly id: number;
  readonly cell: CoreCell;
}

function through(
  p: Platform,
  mode: CoreMode,
  address: number,
  length: number,
  virtual: (at: number) => number,
): Look {
  return lookThrough(onCore(p, mode), mode.id, virtual(address), length);
}

/** The platform with one core in another mode over the same memory, and if asked with its TLB empty. */
export function onCore(p: Platform, { id, cell }: CoreMode, { withTlb = true } = {}): Platform {
  if (withTlb && p.state.need('core', id) === cell) return p;
  const state = Object.create(p.state) as State;
  const need = p.state.need.bind(p.state);
  const tlbs = withTlb ? p.state.tlbs : p.state.tlbs.map((tlb, core) => (core === id ? new Map() : tlb));
  const swapped = (kind: string, number = 0) =>
    kind === 'core' && number === id ? cell : need(kind as 'core', number);
  Object.defineProperties(state, { need: { value: swapped }, tlbs: { value: tlbs } });
  return { config: p.config, state, trace: p.trace, blobs: p.blobs, cipher: (key) => p.cipher(key) };
}

/** The mode in which somebody's accesses are made: `xen` on core 0, a guest on its own core; null for nobody. */
export function modeOf(p: Platform, who: string): CoreMode | null {
  if (who === 'xen') return hostCore(p);
  const domain = domainNamed(p, who);
  return domain.ok ? guestCore(p, domain.value) : null;
}

/** Core 0 as the host has it. */
function hostCore(p: Platform): CoreMode {
  const cell = p.state.need('core');
  if (cell.domain === null) return { id: 0, cell };
  const host = { domain: null, asid: 0, sev: false, nestedPaging: false, guestPaging: false };
  return { id: 0, cell: { ...cell, ...host } };
}

/**
 * What a guest would read from a frame that is not its own, if the hypervisor mapped it in as a private page: the bytes
 * through that guest's key.
 */
export function lookIfMapped(p: Platform, guest: string, spa: number, length: number): Look {
  const mode = modeOf(p, guest);
  if (!mode) return domainNamed(p, guest) as Look;
  const reached = reach(p.config, spa, length);
  if (!reached.ok) return reached;
  const nestedC = memEncryption(p) && p.config.sme === 'full';
  const choice = selectKey({ ...keyContext(p, mode.cell), kind: 'data', c: true, nestedC });
  const key = selector(choice.key, mode.cell.asid);
  return { ok: true, bytes: peekBytes(p, mode.cell.complex, spa, length, key), key: keyName(key) };
}

/** The guest's core as VMRUN would set it up, or as it runs now. */
function guestCore(p: Platform, domain: DomainCell): CoreMode {
  const cell = p.state.need('core', domain.core);
  if (cell.domain === domain.id) return { id: domain.core, cell };
  const read = (field: Parameters<typeof readVmcb>[3]) => readVmcb(p, cell.complex, domain.vmcb, field);
  const { addressMask, cMask } = hostFormat(p);
  const control = read('nestedControl');
  const nestedCr3 = read('nestedCr3');
  return {
    id: domain.core,
    cell: {
      ...cell,
      domain: domain.id,
      asid: Number(read('asid')),
      sev: memEncryption(p) && (control & SEV_ENABLE) !== 0n,
      nestedPaging: (control & NP_ENABLE) !== 0n,
      nestedCr3: Number(nestedCr3 & addressMask),
      nestedCr3C: (nestedCr3 & cMask) !== 0n,
      guestCr3: Number(read('cr3') & ((1n << 52n) - 4096n)),
      guestPaging: (read('cr0') & CR0_PG) !== 0n,
    },
  };
}

function lookAsGuest(
  p: Platform,
  domain: DomainCell,
  space: 'gva' | 'gpa' | 'spa',
  address: number,
  length: number,
): Look {
  const core = guestCore(p, domain);
  if (space === 'gva') return through(p, core, address, length, (at) => at);
  const gpa = space === 'gpa' ? address : gpaOf(domain, address);
  if (gpa === null) return notYours(domain, address);
  return through(p, core, core.cell.guestPaging ? gpa + GUEST_BASE : gpa, length, (at) => at);
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
  const index = indexOfFrame(domain.frames, Math.floor(spa / PAGE_SIZE));
  return index === null || index >= countFrames(domain.frames) ? null : index * PAGE_SIZE + (spa % PAGE_SIZE);
}
