import { GUEST_BASE } from '../../core/address';
import { readUint, uint } from '../../core/bytes';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { Registers } from '../../core/registers';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import { execute } from '../../cpu/isa/execute';
import type { Size } from '../../cpu/isa/instructions';
import { translate } from '../../cpu/translate';
import { isPrivate } from '../mapping';
import { coreOf, type Vcpu } from '../memory';
import { memoryOf } from '../run/port';
import { type Answered, ask, distrust, isCareful } from './ask';
import { bufferGpa, ghcbOf } from './ghcb';
import type { Raised } from './raised';

const MMIO_RULES = {
  other: {
    id: 'guest.not-mmio',
    says: 'The handler emulates loads and stores of devices; another instruction there is an error of the program.',
    source: 'Linux arch/x86/coco/sev/vc-handle.c (vc_handle_mmio)',
    standing: 'published',
  },
  private: {
    id: 'guest.mmio-private',
    says: 'A kernel that checks takes no page for a device that it maps as private: whoever put a reserved bit there would read what is stored, and choose what is loaded.',
    source: 'Linux arch/x86/coco/sev/vc-handle.c (vc_slow_virt_to_phys)',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/**
 * #VC for a nested page fault with a reserved bit: the page is a device’s. The handler runs the instruction itself, and each
 * of its loads and stores there is a request (Linux arch/x86/coco/sev/vc-handle.c, vc_handle_mmio).
 */
export function deviceAccess(
  p: Platform,
  vcpu: Vcpu,
  { registers, instruction }: Raised,
): Outcome<Registers> {
  const memory = memoryOf(p, vcpu);
  const reaches = (address: bigint, op: 'read' | 'write'): boolean =>
    translate(p, coreOf(p, vcpu), Number(address), op).outcome.ok;
  const request = (code: number, address: bigint, size: Size, bytes?: Uint8Array): Outcome<Answered> => {
    const own = mayAsk(p, vcpu, Number(address));
    if (!own.ok) return own;
    const swScratch = bufferGpa(ghcbOf(p, vcpu) ?? 0);
    const wanted = { code, info1: address - BigInt(GUEST_BASE), info2: BigInt(size), own: { swScratch } };
    return ask(p, vcpu, wanted, registers, bytes);
  };
  const ran = execute(instruction, registers, {
    load: (address, size) => {
      if (reaches(address, 'read')) return memory.load(address, size);
      const answered = request(SOFTWARE_EVENT.MMIO_READ, address, size);
      return answered.ok ? ok(readUint(answered.value.buffer, 0, size)) : answered;
    },
    store: (address, size, value) => {
      if (reaches(address, 'write')) return memory.store(address, size, value);
      const answered = request(SOFTWARE_EVENT.MMIO_WRITE, address, size, uint(value, size));
      return answered.ok ? ok(null) : answered;
    },
  });
  if (!ran.ok) return ran;
  if (ran.value.kind === 'next') return ok(ran.value.registers);
  return p.trace.refused(
    refuse(MMIO_RULES.other, '#GP', `${ran.value.event.name} is no access to a device.`, {}, 'MOV.'),
  );
}

/** A careful kernel asks nobody about its private memory. */
function mayAsk(p: Platform, vcpu: Vcpu, address: number): Outcome<null> {
  if (!isCareful(p, vcpu)) return ok(null);
  const own = isPrivate(p, vcpu.domain, address, coreOf(p, vcpu));
  if (!own.ok || !own.value) return own.ok ? ok(null) : own;
  const message = `0x${address.toString(16)} is mapped as private and is no device.`;
  return distrust(p, vcpu, { rule: MMIO_RULES.private, message });
}
