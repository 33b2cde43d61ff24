import { BLOCK_SIZE, PAGE_SIZE, pfnOf } from '../../core/address';
import { u32, u64 } from '../../core/bytes';
import type { Rule } from '../../core/fault';
import { FIRMWARE_KEY } from '../../core/key';
import { OWNER_FIRMWARE } from '../../core/page';
import type { Platform } from '../../core/platform';
import type { ContextCell } from '../../core/snpCells';
import { dmaWrite } from '../../memory/bus';
import type { RawAddress } from '../memory';
import { secretBytes } from '../secrets';
import { exportContext, reportId } from './exportedContext';
import { findPage, spaOf } from './pages';

/**
 * Guest contexts. The firmware’s record is a cell; the Context page in DRAM holds its image under a key that only the secure
 * processor has, so that the page can be looked at as software sees it.
 */
const IMAGE: Rule = {
  id: 'asp.snp-context-page',
  says: 'A guest’s context lies in a page of memory that only the firmware can read.',
  source:
    'AMD-ASPFW sev_rmp.h (guest_context_page); the layout in the page, its key, and that the firmware believes its own record are modelled',
  standing: 'modelled',
};

/** Behind the 0x300 bytes that can leave a machine: what belongs to this one. */
const AT = { asid: 0x300, complexes: 0x304, vek: 0x310, agent: 0x330, agentReportId: 0x340 } as const;

const VEK_BYTES = 32;
const NOBODY = (1n << 64n) - 1n;

const agentField = ({ state, agent }: ContextCell): bigint =>
  state === 'INIT' ? 0n : agent === null ? NOBODY : BigInt(agent);

/** What each record looks like in its page: records are replaced, never edited, and every page of a launch replaces one. */
const images = new WeakMap<ContextCell, Uint8Array>();

function image(p: Platform, guest: ContextCell): Uint8Array {
  const known = images.get(guest) ?? drawImage(p, guest);
  images.set(guest, known);
  return known;
}

function drawImage(p: Platform, guest: ContextCell): Uint8Array {
  const out = new Uint8Array(PAGE_SIZE);
  out.set(exportContext(p, guest));
  out.set(u32(guest.asid), AT.asid);
  out.set(u32(guest.complexes), AT.complexes);
  out.set(secretBytes(p.config, guest.vek, VEK_BYTES), AT.vek);
  out.set(u64(agentField(guest)), AT.agent);
  if (guest.keys) out.set(reportId(p, guest.agentReportId), AT.agentReportId);
  return out;
}

/** Writes the blocks of the page that differ. */
function store(p: Platform, spa: number, before: Uint8Array | null, after: Uint8Array): void {
  const same = (at: number): boolean => {
    if (before === null) return false;
    for (let i = at; i < at + BLOCK_SIZE; i++) if (before[i] !== after[i]) return false;
    return true;
  };
  for (let at = 0; at < PAGE_SIZE; at += BLOCK_SIZE) {
    let end = at;
    while (end < PAGE_SIZE && !same(end)) end += BLOCK_SIZE;
    if (end > at) dmaWrite(p, spa + at, after.subarray(at, end), FIRMWARE_KEY, OWNER_FIRMWARE);
    at = Math.max(at, end);
  }
}

/** The guest whose context page this is, or null: the page is in another state, or nobody has made it one. */
export function contextAt(p: Platform, raw: RawAddress): ContextCell | null {
  return findPage(p, raw).state === 'Context' ? p.state.cell('context', pfnOf(spaOf(p, raw))) : null;
}

/** The same where a check has made sure of it. @throws Error otherwise: a bug of ours. */
export function contextOf(p: Platform, raw: RawAddress): ContextCell {
  const found = contextAt(p, raw);
  if (!found) throw new Error('a command went on without its guest');
  return found;
}

/** A page becomes the context of a new guest. */
export function createContext(p: Platform, raw: RawAddress, guest: ContextCell): void {
  const spa = spaOf(p, raw);
  p.trace.fact('note', { what: 'guest context', page: pfnOf(spa) }, IMAGE);
  store(p, spa, null, image(p, guest));
  p.trace.set('context', pfnOf(spa), guest);
}

/** @throws Error for a page without a guest: a bug of ours. */
export function patchContext(p: Platform, raw: RawAddress, fields: Partial<ContextCell>): void {
  const spa = spaOf(p, raw);
  const before = p.state.need('context', pfnOf(spa));
  const after = { ...before, ...fields };
  store(p, spa, image(p, before), image(p, after));
  p.trace.set('context', pfnOf(spa), after);
}

/** The guest is forgotten, and its part of the page cleared. */
export function eraseContext(p: Platform, raw: RawAddress): void {
  const spa = spaOf(p, raw);
  store(p, spa, image(p, p.state.need('context', pfnOf(spa))), new Uint8Array(PAGE_SIZE));
  p.trace.set('context', pfnOf(spa), null);
}

/** The RMP was written anew: no page is a context any more. */
export function forgetContexts(p: Platform): void {
  for (const [key] of p.state.allCells())
    if (key.startsWith('context/')) p.trace.set('context', Number(key.slice('context/'.length)), null);
}
