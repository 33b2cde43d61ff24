import { uint } from '../../core/bytes';
import { DONE, type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { ArrivedEvent } from '../../core/guestCells';
import type { Platform } from '../../core/platform';
import { type Registers, registerBytes, unpackRegisters } from '../../core/registers';
import { EVENT_TYPES } from '../../cpu/eventInj';
import { EXIT, exitName, VECTORS } from '../../cpu/exits';
import { TABLE } from '../../cpu/isa/instructions';
import { eventOf } from '../../cpu/isa/run/intercepted';
import { registersOf, setRegisters } from '../../cpu/vmrun';
import { enterGuest } from '../../xen/domain';
import { CARE_RULES, careOf } from '../care';
import { coreOf, type Vcpu, vcpuAccess } from '../memory';
import { distrust, isCareful } from '../vc/ask';
import { handleVc } from '../vc/handler';
import { vmplOf } from '../vc/level';
import { reasonOf } from './exit';
import { fetchInstruction } from './fetch';

const EVENT_RULES = {
  frame: {
    id: 'guest.event-frame',
    says: 'Before a handler of the program runs, the processor pushes SS, RSP, RFLAGS, CS, RIP and an error code where there is one.',
    source:
      'APM vol. 2 §8.9.3; modelled: the selectors are those of a flat kernel, and there is no other stack',
    standing: 'modelled',
  },
  interrupt: {
    id: 'guest.event-interrupt',
    says: 'The kernel acknowledges an interrupt of a device and goes on where it was.',
    source: 'Linux arch/x86/kernel/irq.c (common_interrupt); modelled: no driver waits for it',
    standing: 'modelled',
  },
  syscall: {
    id: 'guest.int80',
    says: 'A kernel that takes every vector 0x80 for a system call looks at RAX as its number, and leaves the result there, whoever raised it.',
    source: 'Linux arch/x86/entry (int80_emulation) before version 6.7; Heckler (USENIX Security 2024)',
    standing: 'published',
  },
  external: {
    id: 'guest.int80-external',
    says: 'A careful kernel makes no system call of a vector 0x80 that came from outside.',
    source: 'Linux arch/x86/entry/syscall_32.c (int80_is_external)',
    standing: 'published',
  },
  opcode: {
    id: 'guest.vc-opcode',
    says: 'A careful kernel’s handler of #VC looks whether the instruction at RIP is one that can have raised it.',
    source: 'Linux arch/x86/coco/sev/vc-shared.c (vc_check_opcode_bytes); WeSee (IEEE S&P 2024)',
    standing: 'published',
  },
  unhandled: {
    id: 'guest.event-unhandled',
    says: 'An exception that neither the program nor the kernel expects ends the program.',
    source: 'Linux arch/x86/kernel/traps.c (do_trap: a signal)',
    standing: 'published',
  },
  doorbell: {
    id: 'guest.hv-doorbell',
    says: 'The handler of #HV looks into the doorbell page for what has happened, and clears it there.',
    source: 'GHCB specification #56421 (#HV doorbell page); coconut-svsm kernel/src/sev/hv_doorbell.rs',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** Who took an event, and what it came to. */
export interface Taken {
  readonly vector: number;
  readonly by: 'program' | 'kernel';
  readonly did: string;
}

const SYSTEM_CALL = 0x80;
const NMI = 2;
const FIRST_INTERRUPT = 32;
/** The result of a system call that the kernel does not know. */
const ENOSYS = -38n;
const FLAT = { cs: 0x08n, ss: 0x10n } as const;
const INTERRUPT_FLAG = 0x200n;

/** An event that hardware has delivered to a vCPU goes to its handler; null: there is none. The vCPU is on its core. */
export function takeEvent(p: Platform, vcpu: Vcpu): Outcome<Taken | null> {
  const { id, name } = vcpu.domain;
  const { arrived = {}, handlers = {} } = p.state.cell('guest', id) ?? {};
  const { [vcpu.vcpu]: event, ...others } = arrived;
  if (!event) return ok(null);
  p.trace.patch('guest', id, { arrived: others });
  return p.trace.span('guest', name, 'event', { vcpu: vcpu.vcpu, vector: event.vector }, () => {
    const handler = handlers[event.vector];
    const registers = unpackRegisters(registersOf(p, coreOf(p, vcpu)));
    return handler === undefined || registers.rsp === 0n
      ? byKernel(p, vcpu, event, registers)
      : toProgram(p, vcpu, event, registers, handler);
  });
}

/** The frame on the stack, and on at the handler; interrupts are off there. */
function toProgram(
  p: Platform,
  vcpu: Vcpu,
  { vector, errorCode }: ArrivedEvent,
  registers: Registers,
  handler: number,
): Outcome<Taken> {
  const { rip, rflags, rsp } = registers;
  const error = errorCode === null ? [] : [BigInt(errorCode)];
  const frame = [...error, rip, FLAT.cs, rflags, rsp, FLAT.ss];
  const top = (rsp & ~0xfn) - BigInt(frame.length * 8);
  p.trace.fact('note', { what: 'event frame', vector, at: `0x${top.toString(16)}` }, EVENT_RULES.frame);
  const bytes = new Uint8Array(frame.flatMap((value) => [...uint(value, 8)]));
  const pushed = vcpuAccess(p, vcpu, 'write', Number(top), bytes.length, bytes);
  if (!pushed.ok) return pushed;
  setRegisters(p, coreOf(p, vcpu), { rip: BigInt(handler), rsp: top, rflags: rflags & ~INTERRUPT_FLAG });
  return ok({ vector, by: 'program', did: 'jumped to its handler' });
}

function byKernel(p: Platform, vcpu: Vcpu, event: ArrivedEvent, registers: Registers): Outcome<Taken> {
  const { vector, type } = event;
  const did = (what: string, rule: Rule): Outcome<Taken> => {
    const { domain, vcpu: number } = vcpu;
    const at = { domain: domain.id, vcpu: number, vmpl: vmplOf(p, vcpu) };
    const now = registerBytes(unpackRegisters(registersOf(p, coreOf(p, vcpu))));
    p.trace.fact('note', { what: 'event handled', ...at, vector, did: what }, rule, now);
    return ok({ vector, by: 'kernel', did: what });
  };
  if (type === EVENT_TYPES.exception && vector === VECTORS.VC) return unexpectedVc(p, vcpu, event, registers);
  if (type === EVENT_TYPES.exception && vector === VECTORS.HV) return answerDoorbell(p, vcpu);
  if (vector === SYSTEM_CALL && type !== EVENT_TYPES.nmi) {
    if (isCareful(p, vcpu)) return did('ignored', EVENT_RULES.external);
    const care = careOf(p, vcpu.domain);
    if (!care.ok) return care;
    if (care.value.noIa32) return did('ignored', CARE_RULES.ia32);
    setRegisters(p, coreOf(p, vcpu), { rax: BigInt.asUintN(64, ENOSYS) });
    return did('made a system call', EVENT_RULES.syscall);
  }
  if (type === EVENT_TYPES.nmi || vector === NMI || vector >= FIRST_INTERRUPT)
    return did('acknowledged', EVENT_RULES.interrupt);
  const { name } = vcpu.domain;
  return p.trace.refused(
    refuse(
      EVENT_RULES.unhandled,
      `#${vector}`,
      `${name} ends its program at exception ${vector}, which nothing in it has raised.`,
      { vector },
      'A handler of the program (guest.on-event), or RestrictedInjection.',
    ),
  );
}

/** #VC that no instruction has raised: a careless kernel does what the error code says, with the instruction that stands there. */
function unexpectedVc(
  p: Platform,
  vcpu: Vcpu,
  { errorCode }: ArrivedEvent,
  registers: Registers,
): Outcome<Taken> {
  const code = errorCode ?? 0;
  const fetched = fetchInstruction(p, vcpu, Number(registers.rip));
  const instruction = fetched.ok ? fetched.value.instruction : null;
  const event = instruction && TABLE[instruction.mnemonic].event ? eventOf(instruction, registers) : null;
  const own = event && instruction ? reasonOf(event, registers, instruction.length) : null;
  const care = careOf(p, vcpu.domain);
  if (!care.ok) return care;
  const checks = isCareful(p, vcpu) || care.value.opcodes;
  if (!instruction || code === EXIT.NPF || (checks && own?.code !== code)) {
    const message = `The instruction at RIP has not raised #VC for ${exitName(code)}.`;
    return distrust(p, vcpu, { rule: EVENT_RULES.opcode, message });
  }
  const matching = own?.code === code ? event : null;
  const raised = {
    code,
    info1: own?.code === code ? own.info1 : 0n,
    instruction,
    registers,
    event: matching,
  };
  const served = handleVc(p, vcpu, raised);
  if (!served.ok) return served;
  const core = coreOf(p, vcpu);
  const entered = enterGuest(p, vcpu.domain, core, vcpu.vcpu);
  if (!entered.ok) return entered;
  setRegisters(p, core, served.value);
  return ok({ vector: VECTORS.VC, by: 'kernel', did: `handled #VC for ${exitName(code)}` });
}

/** What the doorbell page says: the kernel acknowledges an interrupt of a device. */
function answerDoorbell(p: Platform, vcpu: Vcpu): Outcome<Taken> {
  const at = p.state.need('guest', vcpu.domain.id).doorbells?.[vcpu.vcpu];
  const pending = at === undefined ? null : vcpuAccess(p, vcpu, 'read', at, 1);
  if (pending && !pending.ok) return pending;
  const vector = pending?.value[0] ?? 0;
  const cleared = at === undefined ? DONE : vcpuAccess(p, vcpu, 'write', at, 1, Uint8Array.of(0));
  if (!cleared.ok) return cleared;
  p.trace.fact('note', { what: 'doorbell', pending: vector }, EVENT_RULES.doorbell);
  const did = vector === 0 ? 'found nothing' : `found vector ${vector} in the doorbell page`;
  return ok({ vector: VECTORS.HV, by: 'kernel', did });
}
