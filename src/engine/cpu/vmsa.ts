import { PAGE_SIZE } from '../core/address';
import { readU64, u64 } from '../core/bytes';
import { OWNER_GUEST } from '../core/page';
import type { Platform } from '../core/platform';
import { REGISTER_NAMES, type Registers } from '../core/registers';
import { peekBytes } from '../memory/cache';
import { cachedUpdate } from '../memory/fill';
import { checksumPlace, storeChecksum } from './checksum';
import { readVmsaField, VMSA_FIELDS, writeVmsaField } from './vmsaFields';
import { hiddenAnew, unhidden } from './vmsaTweak';

/** Control registers as an image of a vCPU holds them. */
export interface Controls {
  readonly cr0: bigint;
  readonly cr3: bigint;
  readonly cr4: bigint;
  readonly efer: bigint;
}

const CONTROLS = ['cr0', 'cr3', 'cr4', 'efer'] as const;
/** Registers that the VMSA keeps as numbers: not XMM0, and the GHCB MSR is kept in the VMCB. */
export const VMSA_REGISTERS = REGISTER_NAMES.filter((name) => name !== 'xmm0' && name !== 'ghcb');
const XMM0 = VMSA_FIELDS.fpregXmm.offset;

/** A VMSA as hardware reads it: with the guest’s key, whatever anybody mapped (APM vol. 2 §15.35.8). */
export const readVmsa = (p: Platform, complex: number, spa: number, asid: number): Uint8Array =>
  peekBytes(p, complex, spa, PAGE_SIZE, asid);

/** The registers that a VMSA holds, which hardware may have hidden behind its nonce. @param stored 4096 bytes, as they lie there. */
export function vmsaRegisters(stored: Uint8Array): Omit<Registers, 'ghcb'> {
  const page = unhidden(stored);
  const numbers = VMSA_REGISTERS.map((name) => [name, readVmsaField(page, name)] as const);
  const xmm0 = readU64(page, XMM0) | (readU64(page, XMM0 + 8) << 64n);
  return { ...(Object.fromEntries(numbers) as Omit<Registers, 'xmm0' | 'ghcb'>), xmm0 };
}

export const vmsaControls = (page: Uint8Array): Controls =>
  Object.fromEntries(CONTROLS.map((name) => [name, readVmsaField(page, name)])) as unknown as Controls;

/** Where a VMSA lies, and whose it is. */
interface VmsaPlace {
  readonly complex: number;
  readonly spa: number;
  readonly asid: number;
  readonly domain: number;
}

/** VMRUN of an SNP guest leaves in its VMSA on which processor it runs, and whose translations that holds. */
export function storeWhereItRuns(
  p: Platform,
  at: VmsaPlace,
  before: Uint8Array,
  ids: { readonly pcpuId: bigint; readonly tlbId: bigint },
): void {
  const after = before.slice();
  writeVmsaField(after, 'pcpuId', ids.pcpuId);
  writeVmsaField(after, 'tlbId', ids.tlbId);
  cachedUpdate(p, at.complex, at.spa, { before, after }, at.asid, OWNER_GUEST + at.domain);
}

/** VMRUN with AlternateInjection takes the event out of the VMSA. */
export function storeEventInj(p: Platform, at: VmsaPlace, value: bigint): void {
  const before = readVmsa(p, at.complex, at.spa, at.asid);
  const after = before.slice();
  writeVmsaField(after, 'eventInj', value);
  cachedUpdate(p, at.complex, at.spa, { before, after }, at.asid, OWNER_GUEST + at.domain);
}

/**
 * What hardware does at an automatic exit: it stores registers into the VMSA with the guest’s key and its checksum where no
 * core reaches it (APM vol. 2 §15.35.8). Fields that this machine’s cores do not have keep their bytes.
 */
export function storeVmsa(
  p: Platform,
  at: VmsaPlace,
  registers: Omit<Registers, 'ghcb'>,
  controls: Controls,
): void {
  const before = readVmsa(p, at.complex, at.spa, at.asid);
  const open = unhidden(before).slice();
  for (const name of VMSA_REGISTERS) writeVmsaField(open, name, registers[name]);
  for (const name of CONTROLS) writeVmsaField(open, name, controls[name]);
  open.set(u64(BigInt.asUintN(64, registers.xmm0)), XMM0);
  open.set(u64(registers.xmm0 >> 64n), XMM0 + 8);
  const after = hiddenAnew(p, open, at.spa);
  cachedUpdate(p, at.complex, at.spa, { before, after }, at.asid, OWNER_GUEST + at.domain);
  const place = checksumPlace(p, after);
  if (place !== null) storeChecksum(p, place, after);
}
