import { readUint, uint } from '../../core/bytes';
import type { DomainCell } from '../../core/cells';
import { DONE, type Outcome, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { authoritative, headOf } from '../../rmp/table';
import { splitDirectMap } from '../domctl/assign';
import { frameBehind, splitNested } from '../nested';
import { smashRmp, updateRmp } from '../rmp';
import { call } from '../trail';
import type { Answer, Asked } from './answer';
import { recordFor } from './pageStateCheats';

/** What Xen does when an SNP guest asks for pages to be made private or shared. */
const CHANGE: Rule = {
  id: 'xen.page-state-change',
  says: 'Private: Xen assigns the page to the guest with RMPUPDATE. Shared: it takes the assignment away, and the page is its own again.',
  source: 'GHCB specification #56421 §4.1.6; cpu-and-rmp.md E.8; xcp-ng/xen c5c3939fa6',
  standing: 'published',
};

const NO_PAGE: Rule = {
  id: 'xen.page-state-unmapped',
  says: 'Only a page that the guest has can change its state.',
  source: 'Linux arch/x86/kvm/svm/sev.c (snp_handle_page_state_change)',
  standing: 'published',
};

/** Bits of PSC_OP (GHCB specification #56421). */
export const PSC = { private: 1, shared: 2 } as const;
export type PageStateWanted = keyof typeof PSC;

/** A page of 2 MiB becomes 512 of 4 KiB, in the RMP, the p2m and Xen’s own map (Linux arch/x86/kvm/svm/sev.c: sev_handle_rmp_fault). */
export const smashGuestPage = (p: Platform, domain: DomainCell, gpa: number): Outcome<null> =>
  call(p, 'svm', 'SNP: PSMASH of a guest’s page', { gpa }, () => {
    const spa = frameBehind(p, domain, gpa);
    if (spa === null) return noPage(p, domain, gpa);
    const own = splitDirectMap(p, spa);
    if (!own.ok) return own;
    const head = authoritative(p, spa);
    const smashed = head?.large ? smashRmp(p, headOf(spa)) : DONE;
    if (!smashed.ok) return smashed;
    const nested = splitNested(p, domain, gpa);
    return nested.ok ? DONE : nested;
  });

const noPage = (p: Platform, { name }: DomainCell, gpa: number) =>
  p.trace.refused(
    refuse(NO_PAGE, 'EINVAL', `${name} has no page at GPA 0x${gpa.toString(16)}.`, { gpa }, 'Another GPA.'),
  );

/** One page of 4 KiB. */
export const changePageState = (
  p: Platform,
  domain: DomainCell,
  gpa: number,
  wanted: PageStateWanted,
): Outcome<null> =>
  call(p, 'svm', 'SNP: page state change', { gpa, wanted }, () => {
    p.trace.fact('note', { what: 'page state change', gpa, wanted }, CHANGE);
    const spa = frameBehind(p, domain, gpa);
    if (spa === null) return noPage(p, domain, gpa);
    if (authoritative(p, spa)?.large) {
      const smashed = smashGuestPage(p, domain, gpa);
      if (!smashed.ok) return smashed;
    }
    const own = splitDirectMap(p, spa);
    if (!own.ok) return own;
    const record = recordFor(p, domain, gpa, wanted);
    const updated = record ? updateRmp(p, spa, record) : DONE;
    return updated.ok ? DONE : updated;
  });

/** The list in the shared buffer: where Xen is, where it ends (16 bits each), and from byte 8 on entries of 64 bits. */
export const PSC_LIST = { current: 0, end: 2, entries: 8, most: 253, bytes: 8 + 253 * 8 } as const;

/** An entry: bits 11:0 page of it that is next, 51:12 GFN, 55:52 operation, 56 2 MiB. */
export const pscEntry = (gpa: number, wanted: PageStateWanted): bigint =>
  BigInt(gpa) | (BigInt(PSC[wanted]) << 52n);

const GENERIC = 0x100_0000_0000n;
const BAD_HEADER = 0x1_0000_0001n;
const BAD_ENTRY = 0x1_0000_0002n;
const GPA = ((1n << 52n) - 1n) & ~0xfffn;

const wantedBy = (entry: bigint): PageStateWanted | null =>
  (Object.keys(PSC) as PageStateWanted[]).find((name) => BigInt(PSC[name]) === ((entry >> 52n) & 0xfn)) ??
  null;

/** Event 8000_0010: every entry of the list, until one fails. The current entry tells the guest how far it came. */
export function pageStateChange(p: Platform, { domain, bytes }: Asked): Answer {
  const first = Number(readUint(bytes, PSC_LIST.current, 2));
  const end = Number(readUint(bytes, PSC_LIST.end, 2));
  const ended = (at: number, info2: bigint): Answer => ({
    registers: {},
    info2,
    bytes: uint(BigInt(at), 2),
  });
  if (end >= PSC_LIST.most || first > end) return ended(first, BAD_HEADER);
  for (let at = first; at <= end; at++) {
    const entry = readUint(bytes, PSC_LIST.entries + at * 8, 8);
    const wanted = wantedBy(entry);
    if (wanted === null || entry >> 56n !== 0n) return ended(at, BAD_ENTRY);
    if (!changePageState(p, domain, Number(entry & GPA), wanted).ok) return ended(at, GENERIC);
  }
  return ended(end + 1, 0n);
}
