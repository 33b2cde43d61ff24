import type { Platform } from '../../core/platform';
import { readClock } from '../../cpu/clock';
import { type Answer, type Asked, inHalves, NOTHING } from './answer';
import { LAPIC_BASE } from './apic';

/** MSRs that Xen answers for a guest here (modelled: a handful of those that it knows). */
const MSR = { tsc: 0x10, apicBase: 0x1b, pat: 0x277, smmLock: 0xc001_0015 } as const;

const PAT = 0x0007_0406_0007_0406n;
const APIC_ENABLED = 0x800n;
const BOOTSTRAP = 0x100n;

const GP: Answer = { exception: 'GP' };

const indexOf = ({ read }: Asked): number => Number(BigInt.asUintN(32, read('rcx')));

/** RDMSR: an MSR that Xen does not know raises #GP (Xen xen/arch/x86/msr.c, guest_rdmsr). */
export function readMsr(p: Platform, asked: Asked): Answer {
  switch (indexOf(asked)) {
    case MSR.tsc:
      return inHalves(readClock(p));
    case MSR.apicBase:
      return inHalves(BigInt(LAPIC_BASE) | APIC_ENABLED | (asked.vcpu === 0 ? BOOTSTRAP : 0n));
    case MSR.pat:
      return inHalves(PAT);
    case MSR.smmLock:
      return inHalves(1n);
    default:
      return GP;
  }
}

/** WRMSR: what can be written stays as it is (modelled); everything else raises #GP. */
export const writeMsr = (_: Platform, asked: Asked): Answer =>
  ([MSR.apicBase, MSR.pat] as number[]).includes(indexOf(asked)) ? NOTHING : GP;
