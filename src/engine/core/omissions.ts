/**
 * Checks that a machine may be told to leave out, by the ids of their rules: “what if this check were missing”. No real machine
 * can do that; it shows what a check is good for. At most one is left out, and by default none.
 */
export interface Omission {
  /** What the check is called. */
  readonly name: string;
  /** What goes through without it, in a sentence. */
  readonly says: string;
}

const LIST = {
  'rmp.hypervisor-owned': {
    name: 'Hypervisor-Owned',
    says: 'The host and devices write wherever they like, also into pages of guests.',
  },
  'rmp.guest-owned': {
    name: 'Guest-Owned',
    says: 'A guest’s private accesses go to pages that were never assigned to it.',
  },
  'rmp.reverse-map': {
    name: 'Reverse-Map',
    says: 'A page of a guest answers at any of its addresses, wherever the nested tables put it.',
  },
  'rmp.page-size': {
    name: 'Page-Size',
    says: 'Entry and nested mapping need not agree on the size of a page.',
  },
  'rmp.validated': {
    name: 'Validated',
    says: 'A guest’s pages answer although it has not accepted them.',
  },
  'rmp.vmpl': {
    name: 'VMPL',
    says: 'Every privilege level of a guest reaches all of its pages.',
  },
  'asp.snp-policy-debug': {
    name: 'debug policy (SEV-SNP)',
    says: 'The firmware decrypts pages of a guest whose policy forbids it.',
  },
  'asp.snp-policy-swap': {
    name: 'page swap policy',
    says: 'The firmware moves and swaps pages of a guest whose policy forbids it.',
  },
  'asp.asid-dirty': {
    name: 'ASID not flushed',
    says: 'The firmware gives an ASID a new key while lines of the old one lie in caches.',
  },
  'asp.wbinvd-missing': {
    name: 'WBINVD before DF_FLUSH',
    says: 'The firmware takes the data fabric for flushed although no core has written its caches back.',
  },
} as const satisfies Record<string, Omission>;

export type OmittedCheck = keyof typeof LIST;
export const OMISSIONS: Readonly<Record<OmittedCheck, Omission>> = LIST;
/** In the order in which they are offered. */
export const OMITTED_CHECKS = Object.keys(LIST) as [OmittedCheck, ...OmittedCheck[]];
