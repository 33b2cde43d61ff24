import { hex, PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { decode } from '../../cpu/isa/decode';
import { execute } from '../../cpu/isa/execute';
import type { Memory } from '../../cpu/isa/run/operandAccess';
import { readInstruction, writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { call } from '../trail';
import type { Asked } from './answer';
import { LAPIC_BASE, readApic, writeApic } from './apic';
import { foundRegisters, putExtended, putRegisters } from './found';
import type { Left } from './left';
import { loaded } from './lies';

const MMIO_RULES = {
  device: {
    id: 'xen.mmio-device',
    says: 'Xen emulates the registers of the local APIC for a guest; elsewhere outside its memory there is nothing.',
    source: 'Xen xen/arch/x86/hvm/vlapic.c; modelled: no other device',
    standing: 'modelled',
  },
  bytes: {
    id: 'xen.mmio-bytes',
    says: 'To emulate an access Xen decodes the instruction, whose bytes hardware leaves in the VMCB; not for a guest with SEV-ES.',
    source: 'APM vol. 2 §15.8.4, §15.35.4; Xen xen/arch/x86/hvm/emulate.c',
    standing: 'published',
  },
  one: {
    id: 'xen.mmio-one-place',
    says: 'An instruction that reaches a device and memory as well is not emulated.',
    source: 'modelled: Xen xen/arch/x86/hvm/emulate.c emulates those of guests whose memory it can read',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** Is a GPA one of the local APIC’s? */
export const isApic = (gpa: number): boolean => gpa >= LAPIC_BASE && gpa < LAPIC_BASE + PAGE_SIZE;

export const noDevice = (p: Platform, gpa: number): Outcome<never> =>
  p.trace.refused(
    refuse(
      MMIO_RULES.device,
      '#NPF',
      `There is nothing at GPA ${hex(gpa)}.`,
      { gpa },
      `An address from ${hex(LAPIC_BASE)} on.`,
    ),
  );

/** Nothing tells Xen which instruction touched the device. */
export const noBytes = (p: Platform): Outcome<never> =>
  p.trace.refused(
    refuse(
      MMIO_RULES.bytes,
      'refused',
      'Xen has no bytes of the instruction to emulate.',
      {},
      'A guest without SEV-ES, or one that asks through its GHCB.',
    ),
  );

/** The local APIC in the place of memory, for the address that comes first; there is no other memory. */
function apicAsMemory(p: Platform, asked: Asked, gpa: number): Memory {
  let device: bigint | null = null;
  const elsewhere = (address: bigint): Outcome<never> | null => {
    device ??= address;
    if (address === device) return null;
    return refuse(
      MMIO_RULES.one,
      'refused',
      `Xen would have to reach the guest’s memory at ${hex(Number(address))}, too.`,
      { gpa, address: hex(Number(address)) },
      'MOV.',
    );
  };
  return {
    load: (address, size) =>
      elsewhere(address) ??
      ok(BigInt.asUintN(8 * size, loaded(p, asked, BigInt(readApic(p, asked, gpa - LAPIC_BASE))))),
    store: (address, size, value) => {
      const refused = elsewhere(address);
      if (refused) return refused;
      writeApic(p, asked, gpa - LAPIC_BASE, Number(BigInt.asUintN(Math.min(8 * size, 32), value)));
      return ok(null);
    },
  };
}

/** An access to the local APIC by a guest whose registers Xen has: it runs the instruction itself, with a device for memory. */
export const emulateMmio = (p: Platform, left: Left, asked: Asked): Outcome<null> =>
  call(p, 'xen', 'hvm_emulate_one', { gpa: Number(asked.info2) }, () => {
    const gpa = Number(asked.info2);
    if (!isApic(gpa)) return noDevice(p, gpa);
    const vmcb = vmcbOf(left.domain, left.vcpu);
    const bytes = readInstruction(p, left.complex, vmcb);
    const instruction = bytes.length > 0 ? decode(bytes) : null;
    if (instruction === null || instruction === 'more') return noBytes(p);
    const ran = execute(instruction, foundRegisters(p, left), apicAsMemory(p, asked, gpa));
    if (!ran.ok) return p.trace.refused(ran);
    if (ran.value.kind === 'event') return noDevice(p, gpa);
    putRegisters(p, left, ran.value.registers);
    putExtended(p, left, ran.value.registers);
    for (const field of ['rip', 'rflags'] as const)
      writeVmcb(p, left.complex, vmcb, field, ran.value.registers[field], OWNER_HYPERVISOR);
    return ok(null);
  });
