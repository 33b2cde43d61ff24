import type { Status } from '../../core/status';

/** One event on the way of SEV into Xen. */
export interface TimelineEntry {
  /** Year-month-day, or as much of it as is known. */
  readonly date: string;
  readonly what: string;
  readonly who: string;
  readonly status: Status | 'talk';
}

const entry = (date: string, status: TimelineEntry['status'], who: string, what: string): TimelineEntry => ({
  date,
  what,
  who,
  status,
});

const ASTIE = 'Teddy Astie';
const THAKKAR = 'Vaishali Thakkar';

/** Dates of mails are the mails' own, of commits the author's (xen.md G). */
export const TIMELINE: readonly TimelineEntry[] = [
  entry('2016-08', 'talk', 'Brijesh Singh', 'AMD Memory Encryption, at the Xen developer summit'),
  entry(
    '2021-10-19',
    'upstream',
    'Jan Beulich',
    'd6e38eea2d: fewer physical address bits when memory is encrypted',
  ),
  entry('2023-11-06', 'branch', 'Andrei Semenov', 'as-sme-demo: a demonstration of SME'),
  entry('2024-03-18', 'upstream', THAKKAR, '53b5208de8: the VMCB dump shows np, sev and sev_es'),
  entry('2024-04-10', 'rfc', 'Andrei Semenov', '“Starting AMD SEV work”: discovery and the ASP driver'),
  entry('2024-04-11', 'upstream', 'Andrew Cooper', 'c0f890cd9d: a guest may do without the hypercall page'),
  entry('2024-04-16', 'upstream', THAKKAR, '09cb855f33: FlushByASID is listed'),
  entry('2024-04-29', 'rfc', 'Andrew Cooper', 'AMD CPUID handling: leaves for SVM and SEV in the CPU policy'),
  entry('2024-05-24', 'rfc', THAKKAR, 'a Xen-wide ASID allocator, v1'),
  entry('2024-06', 'talk', THAKKAR, 'Enabling AMD SEV in Xen, at the Xen Summit'),
  entry('2024-08-13', 'rfc', THAKKAR, 'the allocator, v2: a bitmap, and one of numbers to reclaim'),
  entry('2024-10-18', 'branch', 'Vates', 'hyper_sev_4.19: SEV guests can be created'),
  entry('2025-04-18', 'rfc', ASTIE, 'hypercalls whose buffers are named by physical address'),
  entry('2025-05-16', 'rfc', ASTIE, '“Confidential computing and AMD SEV support”, sixteen patches'),
  entry('2025-06-26', 'rfc', `${ASTIE}, ${THAKKAR}`, 'the allocator, v3'),
  entry('2025-07-23', 'upstream', ASTIE, '68871b1f9b: the whole TLB is flushed when ASIDs begin again'),
  entry('2025-08-21', 'rfc', ASTIE, 'hypercalls in registers alone, and a fixed memory layout'),
  entry('2026-04-15', 'rfc', ASTIE, '“Use a single fixed ASID per domain”, seven patches'),
  entry('2026-07-30', 'upstream', '', 'Xen 4.22.0, without SEV guests'),
];
