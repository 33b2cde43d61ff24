import type { PlaceId, Reach, RegisterCellView, RegisterRow, SideView } from '../../../worker/protocol';
import { written } from '../shared/names';

/** Who can read a value, in the words of the legend. */
export const REACH_WORDS: Readonly<Record<Reach, string>> = {
  guest: 'guest only',
  both: 'guest and hypervisor',
  hypervisor: 'hypervisor only',
  nobody: 'nobody',
};

export const REACHES = Object.keys(REACH_WORDS) as Reach[];

/** The columns of a side, in the order in which a register’s value travels. */
export const placesOf = ({ es, pages }: SideView): PlaceId[] => [
  'vcpu',
  'xen',
  ...(es ? (['vmsa', 'sealed'] as const) : []),
  ...(pages.ghcb === null ? [] : (['ghcb'] as const)),
];

interface Heading {
  readonly title: string;
  readonly detail: string;
  /** The page that the column shows, for a link. */
  readonly page: number | null;
}

export function headingOf(place: PlaceId, side: SideView): Heading {
  const { guest, es, core, pages } = side;
  switch (place) {
    case 'vcpu':
      return {
        title: 'vCPU',
        detail: core === null ? 'next VMRUN' : `in core ${core}`,
        page: null,
      };
    case 'xen':
      return { title: 'VMCB', detail: es ? 'Xen finds' : 'Xen’s copy', page: pages.vmcb };
    case 'vmsa':
      return { title: 'VMSA', detail: `${written(guest)}’s key`, page: pages.vmsa };
    case 'sealed':
      return { title: 'VMSA', detail: 'Xen reads', page: pages.vmsa };
    case 'ghcb':
      return { title: 'GHCB', detail: 'shared', page: pages.ghcb };
  }
}

/** Why a value that stands there is not the register’s now; null where it is. */
export function notCounted(
  place: PlaceId,
  { counts, nonce }: RegisterCellView,
  side: SideView,
): string | null {
  if (nonce !== undefined) return `${counts ? '' : 'as of the last exit, '}XORed with the nonce 0x${nonce}`;
  if (counts) return null;
  switch (place) {
    case 'xen':
      return side.es ? 'left over: VMRUN ignores it' : 'left over from the last exit';
    case 'vmsa':
      return 'as of the last exit';
    case 'sealed':
      return 'ciphertext';
    case 'ghcb':
      return 'not marked valid';
    case 'vcpu':
      return null;
  }
}

const HOST_SWAP = {
  A: 'the host’s own is of swap type A: saved by VMRUN, restored at the exit.',
  B: 'the host’s own is of swap type B: restored at the exit, but the hypervisor has to save it before.',
  C: 'the host’s own is of swap type C: after the exit it has its reset value.',
} as const;

/** Who carries a register at VMRUN and #VMEXIT, as a sentence. */
export function swapWords({ guest, host }: RegisterRow['swap'], es: boolean): string {
  if (guest === 'hypervisor')
    return 'World switch: the hypervisor saves and loads it itself, and so sees it.';
  const how = `World switch: hardware moves the guest’s to and from the ${es ? 'VMSA' : 'VMCB'}`;
  return host ? `${how}; ${HOST_SWAP[host]}` : `${how}.`;
}

/** Digits without leading zeros, in groups of eight from the right. */
export function digitGroups(value: string): string[] {
  const digits = value.replace(/^0+(?=.)/, '');
  const first = digits.length % 8 || 8;
  const groups = [digits.slice(0, first)];
  for (let at = first; at < digits.length; at += 8) groups.push(digits.slice(at, at + 8));
  return groups;
}

/** Bytes as they lie in memory, in groups of four. */
export const byteGroups = (value: string): string[] => value.match(/.{1,8}/g) ?? [];
