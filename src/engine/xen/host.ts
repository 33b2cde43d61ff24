import { PAGE_SIZE } from '../core/address';
import { DONE, type Outcome, type Rule } from '../core/fault';
import { HOST_KEY, NO_KEY } from '../core/key';
import { OWNER_HYPERVISOR } from '../core/page';
import type { Platform } from '../core/platform';
import { access } from '../cpu/access';
import { hostFormat, memEncryption } from '../cpu/mode';
import { invlpg } from '../cpu/tlb';
import { flushRange, wbinvd } from '../memory/flush';
import { reach } from '../memory/regions';
import { WINDOW_SIZE, WINDOWS } from './directMap';
import { enterHost } from './domain';
import { editLeaf } from './tables';

/** How the hypervisor looks at a physical address: as its direct map says, or through an alias with C = 0 or C = 1. */
export type HostView = 'mapped' | '0' | '1';

/** The hypervisor's virtual address of an SPA in one of its three windows; beyond their size, one that maps nothing. */
export function hostVirtual(spa: number, view: HostView): number {
  if (spa >= WINDOW_SIZE) return spa + WINDOWS.unmapped;
  return spa + WINDOWS[view];
}

export function hostAccess(
  p: Platform,
  core: number,
  op: 'read' | 'write',
  spa: number,
  view: HostView,
  length: number,
  bytes?: Uint8Array,
  stream = false,
): Outcome<Uint8Array> {
  enterHost(p, core);
  return access(p, {
    core,
    actor: 'xen',
    principal: OWNER_HYPERVISOR,
    virtual: hostVirtual(spa, view),
    op,
    length,
    shared: () => view === '0',
    ...(bytes ? { bytes } : {}),
    stream,
  });
}

const IN_PLACE: Rule = {
  id: 'sme.in-place',
  says: 'To encrypt in place: flush, then copy through a buffer elsewhere from a C = 0 view to a C = 1 view of the same memory; never copy directly.',
  source: 'APM vol. 2 §7.10.8; Linux arch/x86/mm/mem_encrypt_boot.S',
  standing: 'published',
};

/** Sets or clears C of a page in the direct map. `flush` is what the hypervisor remembers to do about the old view. */
export function setHostC(
  p: Platform,
  core: number,
  spa: number,
  c: boolean,
  flush: 'none' | 'tlb' | 'lines' | 'all',
): Outcome<null> {
  const page = spa - (spa % PAGE_SIZE);
  const reached = reach(p, page, PAGE_SIZE);
  if (!reached.ok) return p.trace.refused(reached);
  enterHost(p, core);
  const { cMask } = hostFormat(p);
  const old = memEncryption(p) && !c ? HOST_KEY : NO_KEY;
  if (flush === 'lines') flushRange(p, page, PAGE_SIZE, old);
  if (flush === 'all') for (const complex of p.state.caches.keys()) wbinvd(p, complex);
  const edited = editLeaf(p, p.state.need('xen').hostRoot, page, (raw) => (c ? raw | cMask : raw & ~cMask));
  if (!edited.ok) return edited;
  if (flush !== 'none') for (let each = 0; each < p.state.tlbs.length; each++) invlpg(p, each, 0, page);
  return DONE;
}

/** Encrypts or decrypts pages in place, step by step as the architecture demands. */
export function convertInPlace(
  p: Platform,
  core: number,
  spa: number,
  pages: number,
  encrypt: boolean,
): Outcome<null> {
  const first = spa - (spa % PAGE_SIZE);
  p.trace.fact(
    'note',
    { what: encrypt ? 'encrypt in place' : 'decrypt in place', address: first, pages },
    IN_PLACE,
  );
  for (const complex of p.state.caches.keys()) wbinvd(p, complex);
  for (let page = 0; page < pages; page++) {
    const at = first + page * PAGE_SIZE;
    const read = hostAccess(p, core, 'read', at, encrypt ? '0' : '1', PAGE_SIZE);
    if (!read.ok) return read;
    flushRange(p, at, PAGE_SIZE, encrypt ? NO_KEY : HOST_KEY);
    const written = hostAccess(p, core, 'write', at, encrypt ? '1' : '0', PAGE_SIZE, read.value, true);
    if (!written.ok) return written;
    const mapped = setHostC(p, core, at, encrypt, 'lines');
    if (!mapped.ok) return mapped;
  }
  return DONE;
}
