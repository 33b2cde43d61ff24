import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { readUint, uint } from '../../core/bytes';
import { DONE, type Outcome, ok } from '../../core/fault';
import type { MonitorCell } from '../../core/guestCells';
import type { Platform } from '../../core/platform';
import { featuresOf } from '../../cpu/cpuid';
import { executePvalidate } from '../../cpu/rmpInstructions';
import { hasSevFeature } from '../../cpu/sevFeatures';
import { vmsaRegisters } from '../../cpu/vmsa';
import { readVmsaField, VMSA_FIELDS, writeVmsaField } from '../../cpu/vmsaFields';
import { hiddenValue } from '../../cpu/vmsaTweak';
import { coreOf, type Vcpu, vcpuAccess } from '../memory';
import { tryAgain } from '../mend';
import { markVmsa, noteRegisters, takeFromBelow } from '../vc/createVmsa';
import { runVmpl } from '../vc/level';
import { isOwn, readBytes, writeBytes } from './monitor';
import { grantPages, KERNEL_MAY } from './permissions';
import { AREA, callOf, LIST, RESULTS, SVSM_RULES, type SvsmResult } from './protocol';
import { keep, sign } from './vault';

/** What the kernel put into its registers, as its VMSA has them. */
interface Called {
  readonly rax: bigint;
  readonly rcx: number;
  readonly rdx: number;
}

/**
 * The monitor’s turn at VMPL0: it looks whether a call is pending, serves it, answers in the kernel’s VMSA and asks Xen to run the
 * kernel again. Modelled: in TypeScript, as kernels are.
 */
export const serve = (p: Platform, vcpu: Vcpu, monitor: MonitorCell): Outcome<null> =>
  p.trace.span('guest', vcpu.domain.name, 'monitor: serve', {}, () => {
    const pending = readBytes(p, vcpu, monitor.area + AREA.pending, 1);
    if (!pending.ok) return pending;
    const served = pending.value[0] === 1 ? answer(p, vcpu, monitor) : DONE;
    return served.ok ? runVmpl(p, vcpu, monitor.vmpl) : served;
  });

function answer(p: Platform, vcpu: Vcpu, monitor: MonitorCell): Outcome<null> {
  const { id } = vcpu.domain;
  const written = { domain: id, gpa: monitor.vmsa - GUEST_BASE, length: PAGE_SIZE };
  p.trace.fact('note', { what: 'forget', ...written }, SVSM_RULES.stored);
  const page = readBytes(p, vcpu, monitor.vmsa, PAGE_SIZE);
  if (!page.ok) return page;
  const { rax, rcx, rdx } = vmsaRegisters(page.value);
  const called = { rax, rcx: Number(rcx), rdx: Number(rdx) };
  const result = perform(p, vcpu, monitor, called);
  if (!result.ok) return result;
  p.trace.fact(
    'note',
    { what: 'SVSM call', call: callOf(called.rax), result: result.value },
    SVSM_RULES.call,
  );
  const { offset, size } = VMSA_FIELDS.rax;
  const stored = hiddenValue(page.value, offset, RESULTS[result.value]);
  const told = writeBytes(p, vcpu, monitor.vmsa + offset, uint(stored, size));
  const after = page.value.slice();
  writeVmsaField(after, 'rax', stored);
  noteRegisters(p, vcpu, monitor.vmpl, after);
  const cleared = told.ok ? writeBytes(p, vcpu, monitor.area + AREA.pending, Uint8Array.of(0)) : told;
  return cleared.ok ? DONE : cleared;
}

function perform(p: Platform, vcpu: Vcpu, monitor: MonitorCell, called: Called): Outcome<SvsmResult> {
  switch (callOf(called.rax)) {
    case 'PVALIDATE':
      return validateList(p, vcpu, monitor, called.rcx);
    case 'CREATE_VCPU':
      return createVcpu(p, vcpu, monitor, called.rcx);
    case 'DELETE_VCPU':
      return deleteVcpu(p, vcpu, monitor, called.rcx);
    case 'KEEP':
      return keep(p, vcpu, monitor, called.rcx);
    case 'SIGN':
      return sign(p, vcpu, monitor, called.rcx);
    default:
      return ok('UNSUPPORTED_CALL');
  }
}

/** May the kernel name this page: memory of the guest, and none of the monitor’s? */
function allowed(p: Platform, { domain }: Vcpu, monitor: MonitorCell, gpa: number): boolean {
  const { memory } = p.state.need('domain', domain.id);
  const good =
    gpa % PAGE_SIZE === 0 && gpa + PAGE_SIZE <= memory && !isOwn(monitor, GUEST_BASE + gpa, PAGE_SIZE);
  if (!good) p.trace.fact('fault', { name: 'SVSM', message: SVSM_RULES.own.says }, SVSM_RULES.own);
  return good;
}

function validateList(p: Platform, vcpu: Vcpu, monitor: MonitorCell, list: number): Outcome<SvsmResult> {
  if (list !== monitor.area - GUEST_BASE + AREA.buffer) return ok('INVALID_ADDRESS');
  const bytes = readBytes(p, vcpu, GUEST_BASE + list, LIST.bytes);
  if (!bytes.ok) return bytes;
  const count = Number(readUint(bytes.value, LIST.count, 2));
  if (count === 0 || count > LIST.most) return ok('INVALID_PARAMETER');
  for (let at = 0; at < count; at++) {
    const entry = readUint(bytes.value, LIST.entries + at * 8, 8);
    const gpa = Number(entry & ~0xfffn);
    if (!allowed(p, vcpu, monitor, gpa) || gpa === monitor.vmsa - GUEST_BASE) return ok('INVALID_ADDRESS');
    const done = validateOne(p, vcpu, monitor, gpa, (entry & 4n) !== 0n);
    if (!done.ok || done.value !== 'SUCCESS') return done;
  }
  return ok('SUCCESS');
}

/** A page is taken from the kernel before it is given up, and cleared before the kernel gets it. */
function validateOne(
  p: Platform,
  vcpu: Vcpu,
  { vmpl }: MonitorCell,
  gpa: number,
  validated: boolean,
): Outcome<SvsmResult> {
  const gva = GUEST_BASE + gpa;
  const taken = validated ? DONE : grantPages(p, vcpu, gpa, 1, { target: vmpl, permissions: 0 });
  if (!taken.ok) return taken;
  const run = () => executePvalidate(p, coreOf(p, vcpu), { gva, large: false, validated });
  const ended = tryAgain(p, vcpu, gva, run);
  if (!ended.ok) return ended;
  if (ended.value.code !== 'SUCCESS') return ok('PVALIDATE_SIZEMISMATCH');
  if (ended.value.carry) return ok('PVALIDATE_NOCHANGE');
  if (!validated) return ok('SUCCESS');
  p.trace.fact('note', { what: 'page cleared', gpa }, SVSM_RULES.cleared);
  const cleared = vcpuAccess(p, vcpu, 'write', gva, PAGE_SIZE, new Uint8Array(PAGE_SIZE), true);
  if (!cleared.ok) return cleared;
  const given = grantPages(p, vcpu, gpa, 1, { target: vmpl, permissions: KERNEL_MAY });
  return given.ok ? ok('SUCCESS') : given;
}

/** The page becomes a VMSA: first out of everybody’s reach, then looked at, then marked. */
function createVcpu(p: Platform, vcpu: Vcpu, monitor: MonitorCell, gpa: number): Outcome<SvsmResult> {
  if (!allowed(p, vcpu, monitor, gpa)) return ok('INVALID_ADDRESS');
  const gva = GUEST_BASE + gpa;
  const { vmpls } = featuresOf(p.state);
  const taken = takeFromBelow(p, vcpu, gva, vmpls);
  if (!taken.ok) return taken;
  const page = readBytes(p, vcpu, gva, PAGE_SIZE);
  if (!page.ok) return page;
  const good =
    readVmsaField(page.value, 'vmpl') === BigInt(monitor.vmpl) &&
    hasSevFeature(readVmsaField(page.value, 'sevFeatures'), 'SNPActive');
  p.trace.fact('check', { what: 'VMSA', gpa, good }, SVSM_RULES.vmsa);
  if (good) {
    const marked = markVmsa(p, vcpu, gva, monitor.vmpl);
    return marked.ok ? ok('SUCCESS') : marked;
  }
  const back = grantPages(p, vcpu, gpa, 1, { target: monitor.vmpl, permissions: KERNEL_MAY });
  return back.ok ? ok('INVALID_PARAMETER') : back;
}

/** A VMSA becomes an ordinary page of the kernel’s; that of its first vCPU stays. */
function deleteVcpu(p: Platform, vcpu: Vcpu, monitor: MonitorCell, gpa: number): Outcome<SvsmResult> {
  if (!allowed(p, vcpu, monitor, gpa) || gpa === monitor.vmsa - GUEST_BASE) return ok('INVALID_ADDRESS');
  const back = grantPages(p, vcpu, gpa, 1, { target: monitor.vmpl, permissions: KERNEL_MAY });
  return back.ok ? ok('SUCCESS') : back;
}
