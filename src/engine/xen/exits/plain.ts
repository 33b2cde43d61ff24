import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { EXIT, VECTORS } from '../../cpu/exits';
import { decodeIoio } from '../../cpu/ghcb/ioio';
import { setIntercepts } from '../../cpu/intercepts';
import { writeXcr0, XCR0_SUPPORTED } from '../../cpu/isa/run/checked';
import { readVmcb, type VmcbField, writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { call } from '../trail';
import type { Answer, Asked } from './answer';
import { HANDLERS } from './emulate';
import { foundExtended, foundRegister, foundRegisters, putExtended, putRegisters } from './found';
import type { Left } from './left';
import { bent } from './lies';
import { emulateMmio } from './mmio';
import { plainString } from './strings';

/**
 * A guest without SEV-ES has left: Xen finds every register, in the VMCB or where its stub put it, and changes those that
 * the answer changes (Xen xen/arch/x86/hvm/svm/svm.c, svm_vmexit_handler).
 */

const STRING: Rule = {
  id: 'xen.string-io',
  says: 'For a string access Xen itself walks the guest’s page tables; those of an encrypted guest it cannot read.',
  source: 'APM vol. 2 §15.34.5; Linux arch/x86/coco/core.c (CC_ATTR_GUEST_UNROLL_STRING_IO)',
  standing: 'published',
};

/** A vCPU without SEV-ES as somebody who asks. */
const asking = (p: Platform, left: Left, info1: bigint, info2: bigint): Asked => ({
  ...left,
  info1,
  info2,
  read: (name) => (name === 'xcr0' ? foundExtended(p, left).xcr0 : foundRegister(p, left, name)),
  bytes: new Uint8Array(),
});

/** Emulates, and lets the guest go on behind the instruction. An exception is the guest’s own affair again. */
export function handlePlain(p: Platform, left: Left, code: number): Outcome<number | null> {
  const vmcb = vmcbOf(left.domain, left.vcpu);
  const read = (field: VmcbField) => readVmcb(p, left.complex, vmcb, field);
  const asked = asking(p, left, read('exitInfo1'), read('exitInfo2'));
  if (code === EXIT.NPF) return emulateMmio(p, left, asked);
  if (code === EXIT.IOIO && decodeIoio(asked.info1).string) return stringIo(p, left, asked);
  if (code === EXIT.DR7_READ || code === EXIT.DR7_WRITE) return giveDebugRegisters(p, left);
  if (code === EXIT.XSETBV) return setXcr0(p, left);
  const handler = HANDLERS[code];
  if (!handler) return ok(null);
  return call(p, 'svm', handler.name, { guest: left.domain.name, reason: code }, () => {
    const answer = bent(p, asked, code, handler.run(p, asked));
    return applied(p, left, answer);
  });
}

const stringIo = (p: Platform, left: Left, asked: Asked): Outcome<null> =>
  call(p, 'svm', 'handle_pio', { guest: left.domain.name, reason: EXIT.IOIO }, () => {
    if (!left.domain.sev) return plainString(p, left, asked);
    return p.trace.refused(
      refuse(
        STRING,
        '#PF',
        `Xen would have to read ${left.domain.name}’s page tables for a string access, and finds ciphertext.`,
        { guest: left.domain.name },
        'A guest that moves the bytes one by one, as Linux does with SEV.',
      ),
    );
  });

/**
 * Xen does not emulate an access to a debug register: it gives the vCPU its own and lets the instruction run again (Xen
 * xen/arch/x86/hvm/svm/svm.c, __restore_debug_registers).
 */
const giveDebugRegisters = (p: Platform, { domain, vcpu, complex }: Left): Outcome<null> =>
  call(p, 'svm', 'svm_dr_access', { guest: domain.name }, () => {
    setIntercepts(p, complex, vmcbOf(domain, vcpu), [EXIT.DR7_READ, EXIT.DR7_WRITE], false);
    return ok(null);
  });

/** XSETBV: Xen checks the value, and the next entry has it in XCR0 (Xen xen/arch/x86/hvm/hvm.c, hvm_handle_xsetbv). */
const setXcr0 = (p: Platform, left: Left): Outcome<number | null> =>
  call(p, 'xen', 'hvm_handle_xsetbv', { guest: left.domain.name }, () => {
    const written = writeXcr0(foundRegisters(p, left), XCR0_SUPPORTED);
    if (!written.ok) return ok(VECTORS.GP);
    putExtended(p, left, { ...foundExtended(p, left), xcr0: written.value });
    skip(p, left);
    return ok(null);
  });

/** Writes an answer back; answers with the vector of an exception for the guest, or null. */
function applied(p: Platform, left: Left, answer: Answer): Outcome<number | null> {
  if ('exception' in answer) return ok(VECTORS[answer.exception]);
  putRegisters(p, left, answer.registers);
  skip(p, left);
  return ok(null);
}

/** Lets the guest go on behind the instruction (Xen xen/arch/x86/hvm/svm/svm.c, __update_guest_eip). */
export function skip(p: Platform, { domain, vcpu, complex }: Left): void {
  const vmcb = vmcbOf(domain, vcpu);
  writeVmcb(p, complex, vmcb, 'rip', readVmcb(p, complex, vmcb, 'nextRip'), OWNER_HYPERVISOR);
}
