import { PAGE_SIZE } from '../core/address';
import { EMPTY, type RmpEntry } from './entry';
import type { PageState } from './types';

/** Bits 50:48 of a firmware page’s GPA field: its mark, since GPA 0 is legal (AMD-ASPFW sev_rmp.h: RMP_GPA_STATE). */
const MARK = 2 ** 48;
const METADATA = 1;
const IOMMU = 2;

/** The GPA field of a metadata page: the page of the guest’s context, marked. */
export const metadataGpa = (context: number): number => METADATA * MARK + context;

/** The state of a page by its entry; null: the table does not reach so far. */
export function pageState(entry: RmpEntry | null): PageState {
  if (!entry) return 'Default';
  const { assigned, validated, asid, immutable } = entry;
  if (!assigned) {
    if (validated || asid !== 0) return 'Invalid';
    return immutable ? 'HV-fixed' : 'Hypervisor';
  }
  if (asid === 0) return firmwareState(entry);
  if (immutable) return validated ? 'Pre-Swap' : 'Pre-Guest';
  return validated ? 'Guest-Valid' : 'Guest-Invalid';
}

function firmwareState({ validated, immutable, gpa, vmsa, lock }: RmpEntry): PageState {
  if (validated) return 'Invalid';
  if (!immutable) return lock ? 'Invalid' : 'Reclaim';
  if (gpa === 0) return vmsa ? 'Context' : 'Firmware';
  const mark = Math.floor(gpa / MARK);
  if (mark === METADATA && gpa > METADATA * MARK) return 'Metadata';
  return !vmsa && gpa === IOMMU * MARK + PAGE_SIZE ? 'Firmware-IOMMU' : 'Invalid';
}

const FIRMWARE: RmpEntry = { ...EMPTY, assigned: true, immutable: true, lock: true };

/**
 * An entry in each state, as the firmware writes it: lock = immutable, but not in HV-fixed entries. Guests’ pages still need
 * their ASID and GPA, metadata pages their GPA.
 */
const IN_STATE: Readonly<Record<Exclude<PageState, 'Default' | 'Invalid'>, RmpEntry>> = {
  Hypervisor: EMPTY,
  'HV-fixed': { ...EMPTY, immutable: true },
  Firmware: FIRMWARE,
  Context: { ...FIRMWARE, vmsa: true },
  Metadata: FIRMWARE,
  'Firmware-IOMMU': { ...FIRMWARE, gpa: IOMMU * MARK + PAGE_SIZE },
  Reclaim: { ...EMPTY, assigned: true },
  'Pre-Guest': FIRMWARE,
  'Pre-Swap': { ...FIRMWARE, validated: true },
  'Guest-Invalid': { ...EMPTY, assigned: true },
  'Guest-Valid': { ...EMPTY, assigned: true, validated: true },
};

/** The entry of a page in a state, with the fields that the state leaves open. */
export const entryIn = (state: keyof typeof IN_STATE, open: Partial<RmpEntry> = {}): RmpEntry => ({
  ...IN_STATE[state],
  ...open,
});
