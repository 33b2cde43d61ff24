import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { Registers } from '../../core/registers';
import { readClock } from '../../cpu/clock';
import {
  advance,
  completeCpuid,
  completeDr7Read,
  completeDr7Write,
  completeEdxEax,
  completeRdtscp,
  completeXsetbv,
} from '../../cpu/isa/complete';
import type { Event } from '../../cpu/isa/events';
import { XCR0_SUPPORTED } from '../../cpu/isa/run/checked';
import { executeByRegisters } from '../../cpu/rmpRegisters';
import { wbinvd } from '../../memory/flush';
import { coreOf, type Vcpu } from '../memory';
import { UNDEFINED } from './fetch';
import { statusOf } from './status';

/** MSRs that the core itself keeps for a guest, whatever the permission map says (APM vol. 2 §15.34.10, §15.35.7). */
export const OWN_MSRS = { ghcb: 0xc001_0130, status: 0xc001_0131 } as const;

const NATIVE_RULES = {
  msr: {
    id: 'cpu.msr',
    says: 'RDMSR and WRMSR of an MSR that this core does not have, or that cannot be written, raise #GP.',
    source:
      'APM vol. 3 (RDMSR, WRMSR); modelled: the core has the GHCB MSR, SEV_STATUS and the time-stamp counter',
    standing: 'modelled',
  },
  vmmcall: {
    id: 'cpu.vmmcall',
    says: 'VMMCALL that nobody intercepts raises #UD; outside SEV-ES the bytes of VMGEXIT are VMMCALL.',
    source: 'APM vol. 3 (VMMCALL), vol. 2 §15.35.6',
    standing: 'published',
  },
  ports: {
    id: 'cpu.ports',
    says: 'A port that nobody intercepts is a port of the machine itself, which no device here answers.',
    source: 'modelled: this machine has no devices on ports',
    standing: 'modelled',
  },
  breakpoint: {
    id: 'cpu.breakpoint',
    says: 'INT3 raises the breakpoint exception, which ends a program: nobody in the guest handles it.',
    source: 'APM vol. 2 §8.2.4; modelled: the kernel has a handler for #VC only',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

const TSC = 0x10;
/** Performance counters of this machine stand still (modelled). */
const COUNTER = 0n;

const gp = (index: number): Outcome<never> =>
  refuse(
    NATIVE_RULES.msr,
    '#GP',
    `The core has no MSR 0x${index.toString(16)} for this.`,
    { msr: index },
    'Another MSR, or a hypervisor that intercepts it.',
  );

/** What a core does about an event when nobody intercepts it: the registers afterwards. */
export function finish(
  p: Platform,
  vcpu: Vcpu,
  event: Event,
  registers: Registers,
  length: number,
): Outcome<Registers> {
  switch (event.name) {
    case 'CPUID':
      return ok(completeCpuid(registers, length, ownLeaf(p, Number(BigInt.asUintN(32, registers.rax)))));
    case 'RDTSC':
      return ok(completeEdxEax(registers, length, readClock(p)));
    case 'RDTSCP':
      return ok(completeRdtscp(registers, length, readClock(p), BigInt(vcpu.vcpu)));
    case 'RDPMC':
      return ok(completeEdxEax(registers, length, COUNTER));
    case 'RDMSR':
      return readOwn(p, vcpu, registers, length);
    case 'WRMSR':
      return writeOwn(registers, length);
    case 'PVALIDATE':
    case 'RMPADJUST':
    case 'RMPQUERY':
      return executeByRegisters(p, coreOf(p, vcpu), event.name, registers, length);
    case 'DR7_READ':
      return ok(completeDr7Read(registers, length, event.register));
    case 'DR7_WRITE':
      return completeDr7Write(registers, length, event.register);
    case 'XSETBV':
      return completeXsetbv(registers, length, XCR0_SUPPORTED);
    case 'WBINVD':
    case 'INVD':
      wbinvd(p, p.state.need('core', coreOf(p, vcpu)).complex);
      return ok(advance(registers, length));
    case 'VMMCALL':
      return refuse(
        NATIVE_RULES.vmmcall,
        '#UD',
        'VMMCALL is undefined here.',
        {},
        'A hypervisor that intercepts it.',
      );
    case 'UD2':
      return refuse(UNDEFINED, '#UD', 'UD2 is undefined by definition.', {}, 'Another instruction.');
    case 'INT3':
      return refuse(NATIVE_RULES.breakpoint, '#BP', 'INT3 finds no debugger.', {}, 'guest.break.');
    case 'IOIO':
      return refuse(
        NATIVE_RULES.ports,
        '#GP',
        `Nothing answers at port 0x${event.port.toString(16)}.`,
        { port: event.port },
        'A hypervisor that intercepts it.',
      );
    default:
      return ok(advance(registers, length));
  }
}

/** CPUID of the processor itself, of the leaves that this machine keeps. */
function ownLeaf(p: Platform, leaf: number): { eax: number; ebx: number; ecx: number; edx: number } {
  const { fn8000001f, fn80000008eax } = p.state.need('cpuid');
  if (leaf === 0x8000_001f) return fn8000001f;
  return { eax: leaf === 0x8000_0008 ? fn80000008eax : 0, ebx: 0, ecx: 0, edx: 0 };
}

const indexOf = ({ rcx }: Registers): number => Number(BigInt.asUintN(32, rcx));

function readOwn(p: Platform, vcpu: Vcpu, registers: Registers, length: number): Outcome<Registers> {
  switch (indexOf(registers)) {
    case OWN_MSRS.ghcb:
      return ok(completeEdxEax(registers, length, registers.ghcb));
    case OWN_MSRS.status:
      return ok(completeEdxEax(registers, length, statusOf(p, vcpu)));
    case TSC:
      return ok(completeEdxEax(registers, length, readClock(p)));
    default:
      return gp(indexOf(registers));
  }
}

function writeOwn(registers: Registers, length: number): Outcome<Registers> {
  if (indexOf(registers) !== OWN_MSRS.ghcb) return gp(indexOf(registers));
  const ghcb = (BigInt.asUintN(32, registers.rdx) << 32n) | BigInt.asUintN(32, registers.rax);
  return ok(advance(registers, length, { ghcb }));
}
