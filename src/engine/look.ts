import { GUEST_BASE, PAGE_SIZE } from './core/address';
import type { CoreCell, DomainCell } from './core/cells';
import { type Fault, refuse } from './core/fault';
import type { Eye, Look } from './core/look';
import type { Platform } from './core/platform';
import type { State } from './core/state';
import { lookThrough } from './cpu/access';
import { hostFormat, memEncryption } from './cpu/translate';
import { CR0_PG, NP_ENABLE, readVmcb, SEV_ENABLE } from './cpu/vmcb';
import { lookByDma } from './device/dma';
import { pageCount } from './memory/regions';
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

/** A look is an access of a core in a certain mode: one that is put there for the moment of the look. */
function through(
  p: Platform,
  mode: { id: number; cell: CoreCell },
  address: number,
  length: number,
  virtual: (at: number) => number,
): Look {
  const current = p.state.need('core', mode.id);
  if (current === mode.cell) return lookThrough(p, mode.id, virtual(address), length);
  return lookThrough(withCore(p, mode), mode.id, virtual(address), length);
}

/** The platform with one core in another mode, over the same memory. */
function withCore(p: Platform, { id, cell }: { id: number; cell: CoreCell }): Platform {
  const state = Object.create(p.state) as State;
  const need = p.state.need.bind(p.state);
  state.need = ((kind: string, number = 0) =>
    kind === 'core' && number === id ? cell : need(kind as 'core', number)) as State['need'];
  return { config: p.config, state, trace: p.trace, blobs: p.blobs, cipher: (key) => p.cipher(key) };
}

/** Core 0 as the host has it. */
function hostCore(p: Platform): { id: number; cell: CoreCell } {
  const cell = p.state.need('core');
  if (cell.domain === null) return { id: 0, cell };
  return {
    id: 0,
    cell: { ...cell, domain: null, asid: 0, sev: false, nestedPaging: false, guestPaging: false },
  };
}

/** The guest's core as VMRUN would set it up, or as it runs now. */
export function guestCore(p: Platform, domain: DomainCell): { id: number; cell: CoreCell } {
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
