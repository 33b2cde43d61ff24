import { GUEST_BASE } from '../../core/address';
import { readUint, uint } from '../../core/bytes';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { Registers } from '../../core/registers';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import { execute } from '../../cpu/isa/execute';
import type { Vcpu } from '../memory';
import { ask } from './ask';
import { bufferGpa, ghcbOf } from './ghcb';
import type { Raised } from './raised';

const NOT_MMIO: Rule = {
  id: 'guest.not-mmio',
  says: 'The handler emulates loads and stores of devices; another instruction there is an error of the program.',
  source: 'Linux arch/x86/coco/sev/vc-handle.c (vc_handle_mmio)',
  standing: 'published',
};

/**
 * #VC for a nested page fault with a reserved bit: the page is a device’s. The handler runs the instruction itself, and each
 * of its loads and stores is a request (Linux arch/x86/coco/sev/vc-handle.c, vc_handle_mmio).
 */
export function deviceAccess(
  p: Platform,
  vcpu: Vcpu,
  { registers, instruction }: Raised,
): Outcome<Registers> {
  const request = (code: number, address: bigint, size: number) => ({
    code,
    info1: address - BigInt(GUEST_BASE),
    info2: BigInt(size),
    own: { swScratch: bufferGpa(ghcbOf(p, vcpu) ?? 0) },
  });
  const ran = execute(instruction, registers, {
    load: (address, size) => {
      const answered = ask(p, vcpu, request(SOFTWARE_EVENT.MMIO_READ, address, size), registers);
      return answered.ok ? ok(readUint(answered.value.buffer, 0, size)) : answered;
    },
    store: (address, size, value) => {
      const wanted = request(SOFTWARE_EVENT.MMIO_WRITE, address, size);
      const answered = ask(p, vcpu, wanted, registers, uint(value, size));
      return answered.ok ? ok(null) : answered;
    },
  });
  if (!ran.ok) return ran;
  if (ran.value.kind === 'next') return ok(ran.value.registers);
  return p.trace.refused(
    refuse(NOT_MMIO, '#GP', `${ran.value.event.name} is no access to a device.`, {}, 'MOV.'),
  );
}
