import type { PageState } from '../../../engine/rmp/types';
import type { RmpRowView } from '../../../worker/protocol';

/** What a state means, in one sentence. */
export const STATE_WORDS: Readonly<Record<PageState, string>> = {
  Default: 'The table does not reach so far: the hypervisor’s for ever.',
  Hypervisor: 'Nobody’s in particular: software of the host may use it, and share it with guests.',
  'HV-fixed': 'The hypervisor’s for ever: nobody can assign it.',
  Firmware: 'Handed to the secure processor.',
  Context: 'Holds what the secure processor keeps of a guest.',
  Metadata: 'Holds what the secure processor noted of guests’ pages that are swapped out.',
  'Firmware-IOMMU': 'The IOMMU’s log, held by the secure processor.',
  Reclaim: 'The secure processor is done with it; the hypervisor can take it back.',
  'Pre-Guest': 'A guest’s, and immutable: the secure processor may fill it.',
  'Pre-Swap': 'A guest’s, validated and immutable: it can be swapped out or moved.',
  'Guest-Invalid': 'A guest’s, but the guest has not accepted it: touching it raises #VC.',
  'Guest-Valid': 'A guest’s, accepted: the guest can use it.',
  Invalid: 'A combination of fields that has no name.',
};

/** To whom a page belongs, as an owner whose hue everybody knows; null: another entry speaks for it. */
export function ownerOf({ state, guest, asid, head }: RmpRowView): string | null {
  if (head !== null) return null;
  if (asid !== 0) return guest ?? `ASID ${asid}`;
  return state === 'Hypervisor' || state === 'HV-fixed' || state === 'Default' ? 'xen' : 'asp';
}

/** The bits of a VMPL’s mask, lowest first (APM vol. 2 §15.36.7). */
export const PERMISSION_LETTERS = [
  { letters: 'R', title: 'read', help: 'read' },
  { letters: 'W', title: 'write', help: 'write' },
  { letters: 'Xu', title: 'user execute', help: 'execute at CPL 3' },
  { letters: 'Xs', title: 'supervisor execute', help: 'execute below CPL 3' },
  { letters: 'SSS', title: 'shadow stack', help: 'supervisor shadow stack' },
] as const;
