import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../../core/address';
import { DONE, type Outcome, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { executeRmpadjust, executeRmpadjustRun } from '../../cpu/rmpInstructions';
import type { Ended } from '../../rmp/instructions/instruction';
import { EXECUTE_SUPERVISOR, EXECUTE_USER, READ, WRITE } from '../../rmp/permissions';
import { coreOf, type Vcpu } from '../memory';
import { tryAgain } from '../mend';
import { SVSM_RULES } from './protocol';

/** Everything but shadow stacks, which this machine does not have. */
export const KERNEL_MAY = READ | WRITE | EXECUTE_USER | EXECUTE_SUPERVISOR;

/** What a VMPL is to be allowed. */
export interface Grant {
  readonly target: number;
  readonly permissions: number;
}

function judged(p: Platform, gva: number, ended: Outcome<Ended>): Outcome<null> {
  if (!ended.ok) return ended;
  const { code, decided } = ended.value;
  if (code === 'SUCCESS') return DONE;
  const message = `RMPADJUST at 0x${gva.toString(16)} answers ${code}.`;
  const rule = decided?.rule ?? SVSM_RULES.refused;
  return p.trace.refused(
    refuse(rule, code, message, { address: gva }, decided?.remedy ?? 'A page of the guest.'),
  );
}

/** RMPADJUST of pages of 4 KiB that follow each other. */
export function grantPages(p: Platform, vcpu: Vcpu, gpa: number, pages: number, grant: Grant): Outcome<null> {
  const operands = { gva: GUEST_BASE + gpa, pages, ...grant };
  const run = () => executeRmpadjustRun(p, coreOf(p, vcpu), operands);
  return judged(p, operands.gva, tryAgain(p, vcpu, operands.gva, run));
}

/** Pages between two GPAs inside one 2 MiB that are not left out, as runs. */
function runsBetween(from: number, to: number, omit: ReadonlySet<number>): [number, number][] {
  const runs: [number, number][] = [];
  for (let gpa = from; gpa < to; gpa += PAGE_SIZE) {
    if (omit.has(gpa / PAGE_SIZE)) continue;
    const last = runs.at(-1);
    if (last && last[0] + last[1] * PAGE_SIZE === gpa) last[1]++;
    else runs.push([gpa, 1]);
  }
  return runs;
}

/** The same for the memory between two GPAs, but for some pages; 2 MiB at a time where the RMP has such pages. */
export function grantMemory(
  p: Platform,
  vcpu: Vcpu,
  { from, to, omit }: { readonly from: number; readonly to: number; readonly omit: ReadonlySet<number> },
  grant: Grant,
): Outcome<null> {
  for (let gpa = from; gpa < to; ) {
    const next = Math.min(to, gpa - (gpa % LARGE_PAGE_SIZE) + LARGE_PAGE_SIZE);
    const runs = runsBetween(gpa, next, omit);
    const whole = next - gpa === LARGE_PAGE_SIZE && runs[0]?.[1] === LARGE_PAGE_SIZE / PAGE_SIZE;
    const large = whole ? grantLarge(p, vcpu, gpa, grant) : null;
    if (large && !large.ok) return large;
    if (!large?.value)
      for (const [at, pages] of runs) {
        const granted = grantPages(p, vcpu, at, pages, grant);
        if (!granted.ok) return granted;
      }
    gpa = next;
  }
  return DONE;
}

/** One page of 2 MiB; false: the RMP has smaller ones there. */
function grantLarge(p: Platform, vcpu: Vcpu, gpa: number, grant: Grant): Outcome<boolean> {
  const gva = GUEST_BASE + gpa;
  const ended = executeRmpadjust(p, coreOf(p, vcpu), { gva, large: true, vmsa: false, ...grant });
  if (ended.ok && ended.value.code === 'FAIL_SIZEMISMATCH') return { ok: true, value: false };
  const good = judged(p, gva, ended);
  return good.ok ? { ok: true, value: true } : good;
}
