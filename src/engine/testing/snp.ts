import type { PartialConfig } from '../config';
import { PAGE_SIZE } from '../core/address';
import { OWNER_FREE, OWNER_GUEST, pageOwner } from '../core/page';
import { readVmsa } from '../cpu/vmsa';
import { type VmsaNumber, writeVmsaField } from '../cpu/vmsaFields';
import { cachedUpdate } from '../memory/fill';
import { type RmpEntry, rmpEntry } from '../rmp/entry';
import { entryIn } from '../rmp/pageState';
import { ALL_PERMISSIONS } from '../rmp/permissions';
import { FIRMWARE_UNIT, tableEnd } from '../rmp/place';
import { protectTable, writeEntry } from '../rmp/table';
import { dropTranslations } from '../rmp/translations';
import { countFrames, frameAt } from '../xen/frames';
import type { Bench } from './bench';
import { type Kind, withGuests } from './programs';

const MIB = 2 ** 20;

/** A MiB that nobody owns, for the table. */
function freeMib({ state, machine }: Bench): number {
  for (let at = machine.config.memory - MIB; at > 0; at -= MIB) {
    const frames = Array.from({ length: MIB / PAGE_SIZE }, (_, i) => at / PAGE_SIZE + i);
    if (frames.every((frame) => pageOwner(state.pages.get(frame)) === OWNER_FREE)) return at;
  }
  throw new Error('no MiB is free');
}

/** Makes a page’s entry what it is to be, whoever may; translations go, as with RMPUPDATE. */
export function setEntry({ machine }: Bench, spa: number, fields: Partial<RmpEntry>): void {
  writeEntry(machine, spa, rmpEntry(fields));
  dropTranslations(machine, spa, PAGE_SIZE);
}

/** Alice’s entry for a page at a GPA: accepted, and VMPL0 may do everything. */
export const accepted = (asid: number, gpa: number, fields: Partial<RmpEntry> = {}): RmpEntry =>
  entryIn('Guest-Valid', { asid, gpa, permissions: ALL_PERMISSIONS, ...fields });

/** Changes a field of the VMSA of Alice’s vCPU, as only the guest itself or the firmware could. */
export function setVmsa(bench: Bench, field: VmsaNumber, value: bigint, vcpu = 0): void {
  const { vmsas, asid, id } = bench.domain('alice');
  const spa = vmsas[vcpu] ?? 0;
  const before = readVmsa(bench.machine, 0, spa, asid);
  const after = before.slice();
  writeVmsaField(after, field, value);
  cachedUpdate(bench.machine, 0, spa, { before, after }, asid, OWNER_GUEST + id);
}

/**
 * A machine of SEV-ES on which somebody has enabled SNP by hand, with an empty table for all of its memory. The guests have
 * left their cores.
 */
export function snpMachine(guests: readonly Kind[], extra = '', part: PartialConfig = {}): Bench {
  const bench = withGuests(guests, extra, { memory: 64 * MIB, ...part });
  for (const guest of guests) bench.done({ type: 'host.vmexit', core: bench.domain(guest).core });
  const { machine } = bench;
  const base = freeMib(bench);
  const end = tableEnd(base, machine.config.memory, FIRMWARE_UNIT);
  machine.trace.set('rmp', 0, { base, end, segmentBits: null });
  machine.trace.set('syscfg', 0, { snpEn: true });
  protectTable(machine);
  return bench;
}

/** The same with Alice as an SNP guest: all her pages accepted but the shared ones, her VMSAs marked. */
export function snpGuest(guests: readonly Kind[] = ['alice'], extra = '', part: PartialConfig = {}): Bench {
  const bench = snpMachine(guests, extra, part);
  const { asid, frames, vmsas, id } = bench.domain('alice');
  const { shared } = bench.state.need('guest', id);
  for (let page = 0; page < countFrames(frames); page++) {
    const frame = frameAt(frames, page);
    if (frame === null || shared.includes(page)) continue;
    writeEntry(bench.machine, frame * PAGE_SIZE, accepted(asid, page * PAGE_SIZE));
  }
  for (const [vcpu, vmsa] of vmsas.entries()) {
    setVmsa(bench, 'sevFeatures', 1n, vcpu);
    setVmsa(bench, 'checksumPointer', 2n ** 64n - 1n, vcpu);
    writeEntry(bench.machine, vmsa, accepted(asid, 0xffff_ffff_f000, { vmsa: true }));
  }
  return bench;
}
