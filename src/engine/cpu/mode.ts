import type { CoreCell } from '../core/cells';
import { HOST_KEY, type KeySelector, NO_KEY } from '../core/key';
import type { Platform } from '../core/platform';
import { type EntryFormat, entryFormat } from '../memory/pageTable';
import { featuresOf } from './cpuid';
import type { KeyChoice, KeyInputs } from './key';

/** A core that runs no guest. */
export const HOST_MODE = {
  domain: null,
  vcpu: 0,
  asid: 0,
  sev: false,
  es: false,
  vmsa: 0,
  snp: false,
  vmpl: 0,
  vte: false,
  nestedPaging: false,
  nestedCr3: 0,
  nestedCr3C: false,
  guestCr3: 0,
  guestPaging: false,
} as const satisfies Partial<CoreCell>;

/** SYSCFG.MemEncryptionModEn. */
export const memEncryption = (p: Platform): boolean => p.config.technology !== 'off';

/** The key of structures that the hypervisor keeps for the hardware: as its own memory is mapped. */
export const hostStructureKey = (p: Platform): KeySelector =>
  memEncryption(p) && p.config.sme === 'full' ? HOST_KEY : NO_KEY;

/** Entries of host and nested tables: reduced width, C-bit only while memory encryption is on. */
export function hostFormat(p: Platform): EntryFormat {
  const cpu = featuresOf(p.state);
  return memEncryption(p) ? entryFormat(cpu.hostBits, cpu.cBit) : entryFormat(cpu.physicalBits, null);
}

/** Entries of a guest's tables: the full width (the reduction does not touch GPAs), C-bit only with SEV. */
export function guestFormat(p: Platform, sev: boolean): EntryFormat {
  const cpu = featuresOf(p.state);
  return entryFormat(cpu.physicalBits, sev && memEncryption(p) ? cpu.cBit : null);
}

/** The key slot that a choice means for a core whose ASID is `asid`. */
export const selector = (key: KeyChoice['key'], asid: number): KeySelector =>
  key === 'guest' ? asid : key === 'host' ? HOST_KEY : NO_KEY;

/** The inputs of `selectKey` that a core's mode fixes. */
export const keyContext = (p: Platform, core: CoreCell): Omit<KeyInputs, 'kind' | 'c' | 'nestedC'> => ({
  memEncryption: memEncryption(p),
  guest: core.domain !== null,
  sev: core.sev,
  paging: core.guestPaging ? 'long' : 'off',
  vte: core.vte,
  vtom: 'off',
});
