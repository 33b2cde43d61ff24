import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { EXIT, VECTORS } from '../../cpu/exits';
import { decodeIoio } from '../../cpu/ghcb/ioio';
import { readVmcb, type VmcbField, writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { call } from '../trail';
import type { Answer, Asked } from './answer';
import { HANDLERS } from './emulate';
import { foundRegister, putRegisters } from './found';
import type { Left } from './left';
import { bent } from './lies';
import { emulateMmio } from './mmio';

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
  read: (name) => (name === 'xcr0' ? 7n : foundRegister(p, left, name)),
  bytes: new Uint8Array(),
});

/** Emulates, and lets the guest go on behind the instruction. An exception is the guest’s own affair again. */
export function handlePlain(p: Platform, left: Left, code: number): Outcome<number | null> {
  const vmcb = vmcbOf(left.domain, left.vcpu);
  const read = (field: VmcbField) => readVmcb(p, left.complex, vmcb, field);
  const asked = asking(p, left, read('exitInfo1'), read('exitInfo2'));
  if (code === EXIT.NPF) return emulateMmio(p, left, asked);
  if (code === EXIT.IOIO && decodeIoio(asked.info1).string && left.domain.sev)
    return p.trace.refused(
      refuse(
        STRING,
        '#PF',
        `Xen would have to read ${left.domain.name}’s page tables for a string access, and finds ciphertext.`,
        { guest: left.domain.name },
        'A guest that moves the bytes one by one, as Linux does with SEV.',
      ),
    );
  const handler = HANDLERS[code];
  if (!handler) return ok(null);
  return call(p, 'svm', handler.name, { guest: left.domain.name, reason: code }, () => {
    const answer = bent(p, asked, code, handler.run(p, asked));
    return applied(p, left, answer);
  });
}

/** Writes an answer back; answers with the vector of an exception for the guest, or null. */
function applied(p: Platform, left: Left, answer: Answer): Outcome<number | null> {
  if ('exception' in answer) return ok(VECTORS[answer.exception]);
  putRegisters(p, left, answer.registers);
  const vmcb = vmcbOf(left.domain, left.vcpu);
  const next = readVmcb(p, left.complex, vmcb, 'nextRip');
  writeVmcb(p, left.complex, vmcb, 'rip', next, OWNER_HYPERVISOR);
  return ok(null);
}
