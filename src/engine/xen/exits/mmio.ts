import { hex, PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import { OWNER_HYPERVISOR } from '../../core/page';
import type { Platform } from '../../core/platform';
import { GPRS, RESET_REGISTERS, type Registers } from '../../core/registers';
import { decode } from '../../cpu/isa/decode';
import { execute } from '../../cpu/isa/execute';
import { readInstruction, readVmcb, writeVmcb } from '../../cpu/vmcb';
import { vmcbOf } from '../../cpu/vmrun';
import { call } from '../trail';
import type { Asked } from './answer';
import { LAPIC_BASE, readApic, writeApic } from './apic';
import { foundRegister, putRegisters } from './found';
import type { Left } from './left';

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

/** The registers that the instruction may use, as Xen finds them. */
function found(p: Platform, left: Left): Registers {
  const registers = GPRS.map((name) => [name, foundRegister(p, left, name)] as const);
  const vmcb = vmcbOf(left.domain, left.vcpu);
  return {
    ...RESET_REGISTERS,
    ...(Object.fromEntries(registers) as Partial<Registers>),
    rip: readVmcb(p, left.complex, vmcb, 'rip'),
    rflags: readVmcb(p, left.complex, vmcb, 'rflags'),
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
    const memory = {
      load: () => ok(BigInt(readApic(p, asked, gpa - LAPIC_BASE))),
      store: (_: bigint, __: number, value: bigint) => {
        writeApic(p, asked, gpa - LAPIC_BASE, Number(BigInt.asUintN(32, value)));
        return ok(null);
      },
    };
    const ran = execute(instruction, found(p, left), memory);
    if (!ran.ok) return p.trace.refused(ran);
    if (ran.value.kind === 'event') return noDevice(p, gpa);
    putRegisters(p, left, ran.value.registers);
    for (const field of ['rip', 'rflags'] as const)
      writeVmcb(p, left.complex, vmcb, field, ran.value.registers[field], OWNER_HYPERVISOR);
    return ok(null);
  });
