import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { DomainCell } from '../core/cells';
import { hasFix } from '../core/config';
import { DONE, type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Json } from '../core/json';
import type { Platform } from '../core/platform';
import { executePvalidate, executePvalidateRun } from '../cpu/rmpInstructions';
import type { PvalidateEnd } from '../rmp/instructions/pvalidate';
import { vcpuAccess } from './memory';
import { mended, tryAgain } from './mend';
import { holdsPage, withoutRun, withRun } from './pageRuns';
import { onCore } from './vmplInstructions';

/** How an SNP guest’s kernel accepts memory, and gives it up. */
const ACCEPT: Rule = {
  id: 'guest.accepts-memory',
  says: 'An SNP guest validates each page that it was not given validated, once and before it uses it: 2 MiB at a time where the RMP has such a page, else 4 KiB.',
  source:
    'cpu-and-rmp.md E.8; Linux arch/x86/coco/sev/core.c (pvalidate_pages); that all memory is accepted at the start is modelled',
  standing: 'published',
};

const TWICE: Rule = {
  id: 'guest.validates-twice',
  says: 'A guest that finds a page in the state in which it wants to put it (CF = 1) trusts its memory no more.',
  source: 'Linux arch/x86/include/asm/sev.h (pvalidate: PVALIDATE_FAIL_NOUPDATE)',
  standing: 'published',
};

/** Does the kernel remember that it has accepted the page at a GPA, or found it accepted at its start? */
export const hasAccepted = (p: Platform, { id }: DomainCell, gpa: number): boolean =>
  holdsPage(p.state.cell('guest', id)?.accepted ?? [], Math.floor(gpa / PAGE_SIZE));

/** The kernel notes what it has accepted and what it has given up. */
export function noteAccepted(
  p: Platform,
  { id }: DomainCell,
  gpa: number,
  pages: number,
  validated: boolean,
): void {
  const accepted = p.state.cell('guest', id)?.accepted;
  if (!accepted) return;
  const change = validated ? withRun : withoutRun;
  p.trace.patch('guest', id, { accepted: change(accepted, [gpa / PAGE_SIZE, pages]) });
}

/** What the kernel makes of the end of PVALIDATE; true: a page of 2 MiB has to be done in pieces. */
function judged(p: Platform, domain: DomainCell, gva: number, ended: PvalidateEnd): Outcome<boolean> {
  if (ended.code === 'FAIL_SIZEMISMATCH') return { ok: true, value: true };
  if (ended.code === 'SUCCESS' && !ended.carry) return { ok: true, value: false };
  return p.trace.refused(
    refuse(
      ended.decided?.rule ?? TWICE,
      ended.code === 'SUCCESS' ? 'refused' : ended.code,
      `${domain.name} cannot validate 0x${gva.toString(16)}: ${ended.carry ? 'nothing changed (CF = 1)' : ended.code}.`,
      { address: gva },
      ended.decided?.remedy ?? 'A page in the other state.',
    ),
  );
}

const TOUCH: Rule = {
  id: 'guest.touches-accepted',
  says: 'A kernel that knows of lines left in the caches reads the first and the last line of each page that it has accepted, with its own key.',
  source: 'Linux arch/x86/include/asm/sev.h (sev_evict_cache), commit 7b306dfa326f',
  standing: 'published',
};

/** Reads the edges of pages that were accepted, where the kernel is new enough to. */
function touchAccepted(p: Platform, domain: DomainCell, gva: number, pages: number): void {
  if (!hasFix(p.config, 'coherency-sfw')) return;
  p.trace.fact('note', { what: 'edges touched', address: gva, pages }, TOUCH);
  for (let at = gva; at < gva + pages * PAGE_SIZE; at += PAGE_SIZE)
    for (const edge of [at, at + PAGE_SIZE - 1]) vcpuAccess(p, { domain, vcpu: 0 }, 'read', edge, 1);
}

/** PVALIDATE of one page of 4 KiB, by the first vCPU, which is in the guest. */
export function validatePage(
  p: Platform,
  domain: DomainCell,
  gva: number,
  validated: boolean,
): Outcome<null> {
  const run = () => executePvalidate(p, domain.core, { gva, large: false, validated });
  const ended = tryAgain(p, { domain, vcpu: 0 }, gva, run);
  if (!ended.ok) return ended;
  const good = judged(p, domain, gva, ended.value);
  if (!good.ok) return good;
  noteAccepted(p, domain, gva - GUEST_BASE, 1, validated);
  if (validated) touchAccepted(p, domain, gva, 1);
  return DONE;
}

/** PVALIDATE as somebody asks for it: its code and CF are the result, and the kernel notes what it has done. */
export function pvalidatePage(
  p: Platform,
  domain: DomainCell,
  operands: { readonly gva: number; readonly large: boolean; readonly validated: boolean },
): Outcome<Json> {
  const { gva, large, validated } = operands;
  const run = () => executePvalidate(p, domain.core, operands);
  const ended = onCore(p, { domain, vcpu: 0 }, 'PVALIDATE', gva, run);
  if (!ended.ok) return ended;
  const { eax, carry } = ended.value;
  const size = large ? LARGE_PAGE_SIZE : PAGE_SIZE;
  const gpa = gva - GUEST_BASE;
  if (!carry) noteAccepted(p, domain, gpa - (gpa % size), size / PAGE_SIZE, validated);
  return ok({ eax, carry });
}

/** PVALIDATE of a page on whichever core met it, by a kernel that asks no further. */
export function acceptAgain(p: Platform, domain: DomainCell, core: number, gva: number): Outcome<null> {
  const ended = executePvalidate(p, core, { gva, large: false, validated: true });
  if (!ended.ok) return ended;
  const good = judged(p, domain, gva, ended.value);
  return good.ok ? DONE : good;
}

/** Accepts the memory between two GPAs. */
export const acceptMemory = (p: Platform, domain: DomainCell, from: number, to: number): Outcome<null> =>
  p.trace.span('guest', domain.name, 'snp_accept_memory', { from, to }, () => {
    p.trace.fact('note', { what: 'memory accepted', from, to }, ACCEPT);
    for (let gpa = from; gpa < to; ) {
      const next = Math.min(to, gpa - (gpa % LARGE_PAGE_SIZE) + LARGE_PAGE_SIZE);
      const accepted = acceptPart(p, domain, gpa, next);
      if (!accepted.ok) return accepted;
      touchAccepted(p, domain, GUEST_BASE + gpa, (next - gpa) / PAGE_SIZE);
      gpa = next;
    }
    noteAccepted(p, domain, from, (to - from) / PAGE_SIZE, true);
    return DONE;
  });

/** Memory inside one 2 MiB. */
function acceptPart(p: Platform, domain: DomainCell, from: number, to: number): Outcome<null> {
  const gva = GUEST_BASE + from;
  if (to - from === LARGE_PAGE_SIZE) {
    const whole = concluded(
      p,
      domain,
      gva,
      executePvalidate(p, domain.core, { gva, large: true, validated: true }),
    );
    if (!whole.ok) return whole;
    if (!whole.value) return DONE;
  }
  const pages = (to - from) / PAGE_SIZE;
  const parts = concluded(
    p,
    domain,
    gva,
    executePvalidateRun(p, domain.core, { gva, pages, validated: true }),
  );
  return parts.ok ? DONE : parts;
}

function concluded(
  p: Platform,
  domain: DomainCell,
  gva: number,
  ended: Outcome<PvalidateEnd>,
): Outcome<boolean> {
  if (ended.ok) return judged(p, domain, gva, ended.value);
  return mended(p, { domain, vcpu: 0 }, gva, ended);
}
