import { loadKey, retireKey } from '../asp/keys';
import { LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { DONE, type Outcome, ok, type Rule, refuse } from '../core/fault';
import { MAX_DOMAINS, OWNER_GUEST, OWNER_HYPERVISOR, pageKey } from '../core/page';
import type { Platform } from '../core/platform';
import { featuresOf } from '../cpu/cpuid';
import { hostFormat, memEncryption } from '../cpu/mode';
import { flushAsid } from '../cpu/tlb';
import { MODE_REGISTERS, NP_ENABLE, SEV_ENABLE, writeVmcb } from '../cpu/vmcb';
import { vmexit, vmrun } from '../cpu/vmrun';
import { isCoherent } from '../memory/cache';
import { wbinvd } from '../memory/flush';
import { makeEntry } from '../memory/pageTable';
import { livingDomains } from './domains';
import { countFrames, giveBack, noRoomForTables, takeFrames, takenSince } from './frames';
import { mapRange, newTable, tablesEncrypted, writeTable } from './tables';

export const DOMAIN_RULES = {
  noSev: {
    id: 'domain.sev-off',
    says: 'An encrypted guest needs a processor with SEV and a host that has switched memory encryption on.',
    source: 'APM vol. 2 §15.34.3',
    standing: 'published',
  },
  noAsid: {
    id: 'domain.no-asid',
    says: 'Each encrypted guest without SEV-ES needs an ASID of its own between Fn8000_001F[EDX] and Fn8000_001F[ECX].',
    source: 'APM vol. 2 §15.34.1, §15.35.2; Linux arch/x86/kvm/svm/sev.c (sev_asid_new)',
    standing: 'published',
  },
  name: {
    id: 'domain.name',
    says: 'A living domain’s name is its own.',
    source: 'Xen tools/libs/light/libxl_create.c (libxl_name_to_domid)',
    standing: 'published',
  },
  reserved: {
    id: 'domain.reserved-name',
    says: 'The record names who acts; a guest may not be called like the others who do.',
    source: 'this simulator',
    standing: 'modelled',
  },
  none: {
    id: 'domain.none',
    says: 'The action needs a living guest of this name.',
    source: 'Xen tools/xl (domain is an invalid domain identifier)',
    standing: 'published',
  },
  tooMany: {
    id: 'domain.too-many',
    says: 'The simulator keeps at most 1,015 domains in one session.',
    source: 'modelled: ten bits a page name its owner',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

const RESERVED_NAMES: ReadonlySet<string> = new Set(['xen', 'asp', 'device', 'probe', 'toolstack', 'dram']);

export function domainNamed(p: Platform, name: string): Outcome<DomainCell> {
  const found = livingDomains(p).find((domain) => domain.name === name);
  if (found) return ok(found);
  const names = livingDomains(p).map((domain) => domain.name);
  return refuse(
    DOMAIN_RULES.none,
    'refused',
    `There is no guest named ${name}.`,
    { name, living: names },
    names.length > 0 ? `One of: ${names.join(', ')}.` : 'A guest would have to be created first.',
  );
}

/** The lowest ASID that no living domain holds: encrypted guests below the limit, the others above it. */
function freeAsid(p: Platform, sev: boolean): Outcome<number> {
  const cpu = featuresOf(p.state);
  const held = new Set(livingDomains(p).map((domain) => domain.asid));
  const [first, last] = sev ? [cpu.minPlainAsid || 1, cpu.maxAsid] : [cpu.maxAsid + 1, 32767];
  for (let asid = first; asid <= last; asid++) if (!held.has(asid)) return ok(asid);
  return refuse(
    DOMAIN_RULES.noAsid,
    'refused',
    `All ${Math.max(0, last - first + 1)} ASIDs from ${first} to ${last} are taken.`,
    { first, last },
    'A guest would have to be destroyed first, or the processor would need more ASIDs.',
  );
}

/**
 * The small creation: memory, nested tables, an ASID with its key, a control block. The real path through xl, libxl, the
 * domctl and the secure processor's commands takes its place.
 */
export function createDomain(p: Platform, name: string, memory: number, sev: boolean): Outcome<DomainCell> {
  const cpu = featuresOf(p.state);
  const id = p.state.need('xen').domains + 1;
  if (id > MAX_DOMAINS)
    return refuse(
      DOMAIN_RULES.tooMany,
      'refused',
      'This session has created as many domains as it can.',
      { id },
      'A fresh machine.',
    );
  if (RESERVED_NAMES.has(name))
    return refuse(
      DOMAIN_RULES.reserved,
      'refused',
      `${name} is somebody else’s name.`,
      { name },
      'Another name.',
    );
  if (livingDomains(p).some((domain) => domain.name === name))
    return refuse(
      DOMAIN_RULES.name,
      'refused',
      `There is already a guest named ${name}.`,
      { name },
      'Another name, or the guest would have to be destroyed.',
    );
  if (sev && (p.config.technology !== 'sev' || !cpu.has('SEV')))
    return refuse(
      DOMAIN_RULES.noSev,
      'refused',
      'SEV is not enabled on this machine.',
      { technology: p.config.technology },
      'The machine’s technology would have to be SEV.',
    );
  const asid = freeAsid(p, sev);
  if (!asid.ok) return asid;
  const crowded = noRoomForTables(p, memory / PAGE_SIZE);
  if (crowded) return crowded;
  const large = memory >= 64 * 1024 * 1024 && memory % LARGE_PAGE_SIZE === 0;
  const frames = takeFrames(p, 'free', memory / PAGE_SIZE, OWNER_GUEST + id, large);
  if (!frames.ok) return frames;
  const { heap } = p.state.need('xen');
  const root = buildNested(p, frames.value, large, sev);
  if (!root.ok) return root;
  const vmcb = newTable(p);
  if (!vmcb.ok) return vmcb;
  if (sev) {
    emptyCaches(p);
    loadKey(p, asid.value);
  }
  const cores = p.state.tlbs.length;
  const domain: DomainCell = {
    id,
    name,
    alive: true,
    asid: asid.value,
    sev,
    memory,
    frames: frames.value,
    vmcb: vmcb.value,
    nestedRoot: root.value,
    core: id % cores,
    tableFrames: takenSince(p, heap),
  };
  fillVmcb(p, domain);
  p.trace.set('domain', id, domain);
  p.trace.patch('xen', 0, { domains: id });
  return ok(domain);
}

/** Adds memory behind what a domain has: frames, and their nested entries as 4 KiB pages. Answers with the domain. */
export function growDomain(p: Platform, domain: DomainCell, bytes: number): Outcome<DomainCell> {
  const crowded = noRoomForTables(p, bytes / PAGE_SIZE);
  if (crowded) return crowded;
  const frames = takeFrames(p, 'free', bytes / PAGE_SIZE, OWNER_GUEST + domain.id);
  if (!frames.ok) return frames;
  if (domain.sev) emptyCaches(p);
  const { heap } = p.state.need('xen');
  const mapped = mapFrames(p, domain.nestedRoot, domain.memory, frames.value, PAGE_SIZE, domain.sev);
  const tableFrames = [...domain.tableFrames, ...takenSince(p, heap)];
  if (!mapped.ok) {
    giveBack(p, 'free', frames.value);
    p.trace.patch('domain', domain.id, { tableFrames });
    return mapped;
  }
  p.trace.patch('domain', domain.id, {
    memory: domain.memory + bytes,
    frames: [...domain.frames, ...frames.value],
    tableFrames,
  });
  return ok(p.state.need('domain', domain.id));
}

function buildNested(
  p: Platform,
  frames: DomainCell['frames'],
  large: boolean,
  sev: boolean,
): Outcome<number> {
  const root = newTable(p);
  if (!root.ok) return root;
  const mapped = mapFrames(p, root.value, 0, frames, large ? LARGE_PAGE_SIZE : PAGE_SIZE, sev);
  return mapped.ok ? root : mapped;
}

/** Nested entries for runs of frames, one behind the other from a GPA on. */
function mapFrames(
  p: Platform,
  root: number,
  from: number,
  frames: DomainCell['frames'],
  size: number,
  sev: boolean,
): Outcome<null> {
  const c = !sev && memEncryption(p) && p.config.sme === 'full';
  let address = from;
  for (const [first, count] of frames) {
    const bytes = count * PAGE_SIZE;
    const mapped = mapRange(p, root, address, first * PAGE_SIZE, bytes / size, size, c);
    if (!mapped.ok) return mapped;
    address += bytes;
  }
  return DONE;
}

function fillVmcb(p: Platform, domain: DomainCell): void {
  const complex = 0;
  const write = (field: Parameters<typeof writeVmcb>[3], value: bigint) =>
    writeVmcb(p, complex, domain.vmcb, field, value, OWNER_HYPERVISOR);
  write('asid', BigInt(domain.asid));
  write('tlbControl', 3n);
  write('nestedControl', NP_ENABLE | (domain.sev ? SEV_ENABLE : 0n));
  write('nestedCr3', makeEntry(domain.nestedRoot, 0n, tablesEncrypted(p), hostFormat(p)));
  for (const field of ['efer', 'cr0', 'cr4'] as const) write(field, MODE_REGISTERS.off[field]);
  p.trace.page(domain.vmcb / PAGE_SIZE, { structure: true });
}

/** Runs a guest on its core: whoever runs there leaves first. */
export function enterGuest(p: Platform, domain: DomainCell, coreId: number = domain.core): Outcome<null> {
  const core = p.state.need('core', coreId);
  if (core.domain === domain.id) return DONE;
  if (core.domain !== null) vmexit(p, coreId, 0x60);
  for (let other = 0; other < p.state.tlbs.length; other++) {
    if (p.state.need('core', other).domain === domain.id) vmexit(p, other, 0x60);
  }
  const entered = vmrun(p, coreId, domain);
  if (entered.ok) writeVmcb(p, core.complex, domain.vmcb, 'tlbControl', 0n, OWNER_HYPERVISOR);
  return entered;
}

/** Brings a core back to the host: the hypervisor needs it. */
export function enterHost(p: Platform, coreId: number): void {
  if (p.state.need('core', coreId).domain !== null) vmexit(p, coreId, 0x60);
}

/** Where key domains are not coherent, frames that get a key must have no lines under another (Linux sev.c, sev_clflush_pages). */
function emptyCaches(p: Platform): void {
  if (!isCoherent(p)) for (const complex of p.state.caches.keys()) wbinvd(p, complex);
}

/** Fills what was ever written of a dead domain's memory with zeros (Xen xen/common/page_alloc.c, free_domheap_pages: d->is_dying). */
function scrub(p: Platform, runs: DomainCell['frames']): void {
  p.trace.call('xen', 'xen', 'scrub', { frames: countFrames(runs) }, () => {
    for (const [first, count] of runs) {
      for (let frame = first; frame < first + count; frame++) {
        if (pageKey(p.state.pages.get(frame)) !== 0)
          writeTable(p, frame * PAGE_SIZE, new Uint8Array(PAGE_SIZE));
      }
    }
  });
}

/** Destroys a guest: off the cores, caches written back, key retired, memory scrubbed and returned. */
export function destroyDomain(p: Platform, domain: DomainCell): void {
  for (let core = 0; core < p.state.tlbs.length; core++) {
    if (p.state.need('core', core).domain === domain.id) vmexit(p, core, 0x7f);
    flushAsid(p, core, domain.asid);
  }
  for (const complex of p.state.caches.keys()) wbinvd(p, complex);
  if (domain.sev) retireKey(p, domain.asid);
  if (p.state.need('device').domain === domain.id) p.trace.set('device', 0, { domain: null });
  scrub(p, p.state.need('domain', domain.id).frames);
  giveBack(p, 'free', p.state.need('domain', domain.id).frames);
  giveBack(p, 'heap', p.state.need('domain', domain.id).tableFrames);
  p.trace.set('guest', domain.id, null);
  p.trace.patch('domain', domain.id, { alive: false });
}
