import { PAGE_SIZE } from '../core/address';
import { type Fault, type Rule, refuse } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { Platform } from '../core/platform';
import type { EntryFormat } from '../memory/pageTable';
import { reach } from '../memory/regions';
import { checksumFits, checksumPlace } from './checksum';
import { featuresOf } from './cpuid';
import { injectionRefusal, malformedEvent } from './injection';
import { guestFormat, hostFormat, memEncryption } from './mode';
import * as vmcb from './vmcb';
import { featuresRefusal, isSnpVmsa, vmsaPageRefusal } from './vmrunSnp';
import type { Controls } from './vmsa';

const rule = (id: string, says: string, source: string): Rule => ({
  id,
  says,
  source,
  standing: 'published',
});

export const VMRUN_RULES = {
  asidZero: rule('vmrun.asid-zero', 'ASID 0 is the host’s: VMRUN with it fails.', 'APM vol. 2 §15.5.1'),
  svme: rule('vmrun.svme', 'The guest’s EFER.SVME must be set.', 'APM vol. 2 §15.5.1'),
  cr0: rule('vmrun.cr0', 'Bits 63:32 of the guest’s CR0 must be zero.', 'APM vol. 2 §15.5.1'),
  cr3: rule(
    'vmrun.cr3',
    'The guest’s CR3 must have no bit beyond the physical address width.',
    'APM vol. 2 §15.5.1',
  ),
  cr4: rule('vmrun.cr4', 'Bits of the guest’s CR4 that must be zero must be zero.', 'APM vol. 2 §15.5.1'),
  longMode: rule('vmrun.long-mode', 'EFER.LME with CR0.PG needs CR4.PAE and CR0.PE.', 'APM vol. 2 §15.5.1'),
  nestedCr3: rule(
    'vmrun.ncr3',
    'nCR3 must have no bit beyond the reduced physical address width.',
    'APM vol. 2 §15.25.3, §15.34.6',
  ),
  feature: rule(
    'vmrun.sev-feature',
    'The SEV bit needs a processor with SEV (CPUID Fn8000_001F[EAX] bit 1).',
    'APM vol. 2 §15.34.1',
  ),
  nestedPaging: rule(
    'vmrun.sev-nested-paging',
    'A guest with SEV needs nested paging.',
    'APM vol. 2 §15.34.3',
  ),
  asidLimit: rule(
    'vmrun.sev-asid-limit',
    'A guest with SEV needs an ASID of at most CPUID Fn8000_001F[ECX].',
    'APM vol. 2 §15.34.3',
  ),
  asidFloor: rule(
    'vmrun.sev-asid-floor',
    'A guest with SEV but without SEV-ES needs an ASID of at least CPUID Fn8000_001F[EDX].',
    'APM vol. 2 §15.35.2',
  ),
  es: rule(
    'vmrun.sev-es',
    'A guest with SEV-ES needs the SEV bit and LBR virtualization.',
    'APM vol. 2 §15.35.2',
  ),
  esFeature: rule(
    'vmrun.sev-es-feature',
    'The SEV-ES bit needs a processor with SEV-ES (CPUID Fn8000_001F[EAX] bit 3).',
    'APM vol. 2 §15.35.1',
  ),
  vmsaAddress: rule(
    'vmrun.vmsa-address',
    'The VMSA pointer is an SPA of memory, aligned to a page, without a C-bit.',
    'APM vol. 2 §15.35.8; Linux arch/x86/kvm/svm/sev.c (vmsa_pa)',
  ),
  checksum: rule(
    'vmrun.vmsa-checksum',
    'VMRUN of a guest with SEV-ES computes the checksum of its VMSA again; another than the one of the last exit means VMEXIT_INVALID.',
    'APM vol. 2 §15.35.9; AMD-ASPFW sev_es.c',
  ),
  vmsa: rule(
    'vmrun.vmsa',
    'With SEV-ES all registers come from the VMSA, read with the guest’s key; the save area of the VMCB is ignored.',
    'APM vol. 2 §15.35.8',
  ),
  keyLoaded: rule(
    'vmrun.key-slot',
    'The memory controller needs a key in the slot of this ASID; only the secure processor can load one.',
    'APM vol. 2 §15.34.2; AMD-ASPFW sev_guest.c (ACTIVATE)',
  ),
  asidInvalid: rule(
    'vmrun.asid-invalid',
    'A core refuses an ASID that the firmware has not admitted there: it does so when the launch of the guest that it was given ends, and takes it back with DEACTIVATE, and all of them with SHUTDOWN.',
    'AMD-ASPFW sev_guest.c (INVALID_ASID bits), sev_mcmd.c (sev_mcmd_launch_finish), sev_plat.c (sev_clear)',
  ),
  /** The one that lets pass: a note for the record. */
  ignored: rule(
    'vmrun.sev-ignored',
    'With SYSCFG.MemEncryptionModEn = 0 the SEV bits of the VMCB are ignored, not faulted.',
    'APM vol. 2 §15.34.3',
  ),
  legacy: {
    id: 'vmrun.legacy-paging',
    says: 'Guests of this machine page in long mode or not at all.',
    source: 'modelled: hardware also runs guests with 32-bit and PAE paging',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** What VMRUN reads of a VMCB. */
export interface Control {
  readonly asid: number;
  readonly tlbControl: number;
  readonly nestedControl: bigint;
  readonly nestedCr3: bigint;
  readonly lbrControl: bigint;
  readonly vmsa: bigint;
  readonly eventInj: bigint;
  readonly allowedSevFeatures: bigint;
}

/** Where the registers come from. */
export interface SavedState {
  /** The VMSA, decrypted; null: the save area of the VMCB. */
  readonly page: Uint8Array | null;
  readonly controls: Controls;
  /** The vCPU is still on a core: its exit will store into this VMSA, and its checksum where the VMSA points to. */
  readonly sealedAnew?: boolean;
}

const invalid = (by: Rule, message: string, inputs: JsonObject, remedy: string): Fault =>
  refuse(by, 'VMEXIT_INVALID', message, inputs, remedy).fault;

const shown = (bits: bigint): string => `0x${bits.toString(16)}`;

/** Bits of a table root that are neither its address nor C. Bits 11:0 hold flags. */
const beyond = (root: bigint, { addressMask, cMask }: EntryFormat): boolean =>
  (root & ~(addressMask | cMask | 0xfffn)) !== 0n;

/**
 * The checks of VMRUN that need only the control area: the ASID, then those of SEV in the order of cpu-and-rmp.md E.9 (the
 * architecture does not fix one). Null when it may go on.
 */
export function refusalOf(p: Platform, complex: number, control: Control): Fault | null {
  const { asid, nestedControl, nestedCr3 } = control;
  const inputs = { asid, nestedCr3: shown(nestedCr3) };
  if (asid === 0) return invalid(VMRUN_RULES.asidZero, 'The VMCB names ASID 0.', inputs, 'A guest’s ASID.');
  if ((nestedControl & vmcb.NP_ENABLE) !== 0n && beyond(nestedCr3, hostFormat(p)))
    return invalid(
      VMRUN_RULES.nestedCr3,
      `nCR3 is ${shown(nestedCr3)}.`,
      inputs,
      'A system physical address.',
    );
  return memEncryption(p) ? badSev(p, complex, control) : null;
}

/** The checks of VMRUN on the state that it is to load. Null when it may enter. */
export const stateRefusalOf = (p: Platform, control: Control, state: SavedState): Fault | null =>
  malformedEvent(control.eventInj) ??
  (state.page ? badVmsa(p, control, state.page, state.sealedAnew) : null) ??
  badState(p, control, state.controls);

/**
 * Has the firmware admitted this ASID? It marks an ASID as invalid whenever it is no longer in use in its books; when SHUTDOWN
 * leaves neither SEV nor SNP initialised it marks all and lets the books lie, until INIT begins new ones.
 */
function admitted(p: Platform, complex: number, asid: number): boolean {
  const platform = p.state.cell('platform');
  if (!platform || (platform.sev === 'UNINIT' && platform.snp === 'UNINIT')) return false;
  return (((p.state.cell('asid', asid)?.inUse ?? 0) >>> complex) & 1) === 1;
}

function badVmsa(p: Platform, control: Control, page: Uint8Array, sealedAnew = false): Fault | null {
  const { asid, vmsa, eventInj } = control;
  const wrongPage = vmsaPageRefusal(p, control, page);
  if (wrongPage) return wrongPage;
  const inputs = { asid, vmsa: shown(vmsa) };
  if (!isSnpVmsa(p, page) && !(sealedAnew ? checksumPlace(p, page) !== null : checksumFits(p, page)))
    return invalid(
      VMRUN_RULES.checksum,
      `The VMSA at ${shown(vmsa)} is not the one that was stored there last.`,
      inputs,
      'The bytes that the last exit left, at the same address, with the same key.',
    );
  const features = featuresRefusal(p, control, page);
  if (features) return features;
  return injectionRefusal(eventInj, page);
}

function badState(p: Platform, { nestedControl }: Control, { efer, cr0, cr3, cr4 }: Controls): Fault | null {
  const inputs = { efer: shown(efer), cr0: shown(cr0), cr3: shown(cr3), cr4: shown(cr4) };
  const sev = (nestedControl & vmcb.SEV_ENABLE) !== 0n;
  const paging = (cr0 & vmcb.CR0_PG) !== 0n;
  const fails = (by: Rule, message: string, remedy: string) => invalid(by, message, inputs, remedy);
  if ((efer & vmcb.EFER_SVME) === 0n)
    return fails(VMRUN_RULES.svme, `EFER is ${shown(efer)}.`, 'Bit 12 of EFER.');
  if (cr0 >> 32n !== 0n) return fails(VMRUN_RULES.cr0, `CR0 is ${shown(cr0)}.`, 'A CR0 of 32 bits.');
  if (beyond(cr3, guestFormat(p, sev)))
    return fails(VMRUN_RULES.cr3, `CR3 is ${shown(cr3)}.`, 'A guest physical address.');
  if (cr4 >> 32n !== 0n) return fails(VMRUN_RULES.cr4, `CR4 is ${shown(cr4)}.`, 'A CR4 of 32 bits.');
  if (!paging) return null;
  if ((efer & vmcb.EFER_LME) === 0n)
    return fails(VMRUN_RULES.legacy, 'CR0.PG is set without EFER.LME.', 'EFER.LME and CR4.PAE.');
  if ((cr4 & vmcb.CR4_PAE) !== 0n && (cr0 & vmcb.CR0_PE) !== 0n) return null;
  return fails(
    VMRUN_RULES.longMode,
    `CR0 is ${shown(cr0)} and CR4 ${shown(cr4)}.`,
    'Bit 0 of CR0 and bit 5 of CR4.',
  );
}

function badSev(p: Platform, complex: number, control: Control): Fault | null {
  const { asid, nestedControl } = control;
  const sev = (nestedControl & vmcb.SEV_ENABLE) !== 0n;
  const es = (nestedControl & vmcb.SEV_ES_ENABLE) !== 0n;
  const nestedPaging = (nestedControl & vmcb.NP_ENABLE) !== 0n;
  const { maxAsid, minPlainAsid, has } = featuresOf(p.state);
  const inputs = { asid, sev, es, nestedPaging, limit: maxAsid, floor: minPlainAsid };
  const fails = (by: Rule, message: string, remedy: string) => invalid(by, message, inputs, remedy);
  const range = `An ASID from ${minPlainAsid} to ${maxAsid}.`;
  if (!sev && !es) return null;
  if (!has('SEV')) return fails(VMRUN_RULES.feature, 'This processor has no SEV.', 'A processor with SEV.');
  if (!nestedPaging)
    return fails(
      VMRUN_RULES.nestedPaging,
      'The VMCB asks for SEV without nested paging.',
      'Bit 0 of VMCB 0x90.',
    );
  if (asid > maxAsid)
    return fails(VMRUN_RULES.asidLimit, `ASID ${asid} is above the limit of ${maxAsid}.`, range);
  const badEs = es ? badPointer(p, control, fails) : null;
  if (badEs) return badEs;
  if (!es && asid < minPlainAsid)
    return fails(VMRUN_RULES.asidFloor, `ASID ${asid} is kept for SEV-ES guests.`, range);
  if (p.state.cell('slot', asid))
    return admitted(p, complex, asid)
      ? null
      : fails(
          VMRUN_RULES.asidInvalid,
          `The core takes no guest with ASID ${asid}: the firmware has not admitted it.`,
          'ACTIVATE, and the end of the launch (LAUNCH_FINISH); neither DEACTIVATE nor SHUTDOWN.',
        );
  return fails(
    VMRUN_RULES.keyLoaded,
    `No key is loaded for ASID ${asid}.`,
    'The secure processor would have to load a key into the slot.',
  );
}

/** What SEV-ES asks of the control area. */
function badPointer(
  p: Platform,
  { nestedControl, lbrControl, vmsa }: Control,
  fails: (by: Rule, message: string, remedy: string) => Fault,
): Fault | null {
  if ((nestedControl & vmcb.SEV_ENABLE) === 0n || (lbrControl & 1n) === 0n)
    return fails(
      VMRUN_RULES.es,
      'The VMCB asks for SEV-ES without SEV or without LBR virtualization.',
      'Bit 1 of VMCB 0x90 and bit 0 of VMCB 0xB8.',
    );
  if (!featuresOf(p.state).has('SEV-ES'))
    return fails(VMRUN_RULES.esFeature, 'This processor has no SEV-ES.', 'A processor with SEV-ES.');
  const aligned = (vmsa & ~hostFormat(p).addressMask) === 0n && vmsa % BigInt(PAGE_SIZE) === 0n;
  if (aligned && reach(p, Number(vmsa), PAGE_SIZE).ok) return null;
  return fails(
    VMRUN_RULES.vmsaAddress,
    `The VMSA pointer is ${shown(vmsa)}.`,
    'The address of a page of memory at VMCB 0x108.',
  );
}
