import { type Outcome, ok } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { Gpr, Registers } from '../../core/registers';
import { featuresOf } from '../../cpu/cpuid';
import { EXIT, exitName } from '../../cpu/exits';
import { checkCpuidAnswer } from '../../cpu/ghcb/cpuidAnswer';
import type { GhcbField } from '../../cpu/ghcb/layout';
import { advance } from '../../cpu/isa/complete';
import type { Vcpu } from '../memory';
import { statusOf } from '../run/status';
import { type Answered, ask, distrust, isCareful } from './ask';
import { believe } from './belief';
import { stringIo } from './io';
import { deviceAccess } from './mmio';
import type { Raised } from './raised';
import { FORWARDED, type Request, unsupported } from './request';

const low = (value: bigint): bigint => BigInt.asUintN(32, value);

/** Registers that an answer to each reason changes. */
const OUTPUTS: Readonly<Record<number, readonly Gpr[]>> = {
  [EXIT.CPUID]: ['rax', 'rbx', 'rcx', 'rdx'],
  [EXIT.RDTSC]: ['rax', 'rdx'],
  [EXIT.RDTSCP]: ['rax', 'rcx', 'rdx'],
  [EXIT.RDPMC]: ['rax', 'rdx'],
  [EXIT.VMMCALL]: ['rax'],
};

/**
 * The kernel’s handler of #VC: it decodes the instruction itself, decides what to reveal, asks through the GHCB, checks the
 * answer and goes on behind the instruction (Linux arch/x86/coco/sev/vc-handle.c). Answers with the program’s registers.
 * Modelled: the handler’s own use of registers, and the frame on the stack.
 */
export const handleVc = (p: Platform, vcpu: Vcpu, raised: Raised): Outcome<Registers> =>
  p.trace.span(
    'guest',
    vcpu.domain.name,
    '#VC',
    { code: raised.code, reason: exitName(raised.code), rip: `0x${raised.registers.rip.toString(16)}` },
    () => serve(p, vcpu, raised),
  );

function serve(p: Platform, vcpu: Vcpu, raised: Raised): Outcome<Registers> {
  const { code, info1, registers, event, instruction } = raised;
  if (code === EXIT.NPF) return deviceAccess(p, vcpu, raised);
  if (event?.name === 'IOIO' && event.string) return stringIo(p, vcpu, raised, event);
  const request = requestOf(raised);
  const answered = ask(p, vcpu, request, registers);
  if (!answered.ok) return answered;
  if (code === EXIT.CPUID) {
    const fine = checkCpuid(p, vcpu, registers, answered.value);
    if (!fine.ok) return fine;
    believe(p, vcpu, Number(low(registers.rax)), answered.value.read('rax'));
  }
  const changes = outputs(raised, answered.value, info1);
  return ok(advance(registers, instruction.length, changes));
}

function requestOf({ code, info1, registers, event }: Raised): Request {
  if (event?.name === 'DR7_READ') return { code, info1: 0n, info2: 0n };
  if (event?.name === 'DR7_WRITE')
    return { code, info1: 0n, info2: 0n, own: { rax: registers[event.register] } };
  if (event?.name === 'IOIO') return { code, info1, info2: 0n };
  return FORWARDED.includes(code) ? { code, info1, info2: 0n } : unsupported(code);
}

function outputs({ code, registers, event }: Raised, { read }: Answered, info1: bigint): Partial<Registers> {
  if (event?.name === 'DR7_READ') return { [event.register]: read('rax') };
  if (event?.name === 'DR7_WRITE') return { dr7: registers[event.register] };
  if (event?.name === 'IOIO') return event.in ? { rax: read('rax') } : {};
  if (code === EXIT.MSR) return info1 === 0n ? { rax: low(read('rax')), rdx: low(read('rdx')) } : {};
  const names = OUTPUTS[code] ?? [];
  return Object.fromEntries(names.map((name) => [name, read(name as GhcbField)]));
}

/** The values of a CPUID answer, against what the guest knows from where nobody can lie. */
function checkCpuid(
  p: Platform,
  vcpu: Vcpu,
  { rax, rcx, xcr0 }: Registers,
  { read }: Answered,
): Outcome<null> {
  if (!isCareful(p, vcpu)) return ok(null);
  const answer = {
    leaf: Number(low(rax)),
    subleaf: Number(low(rcx)),
    eax: read('rax'),
    ebx: read('rbx'),
    ecx: read('rcx'),
    edx: read('rdx'),
  };
  const known = { cBit: agreedCBit(p, vcpu), sevStatus: statusOf(p, vcpu), xcr0 };
  const [problem] = p.trace.call('guest', vcpu.domain.name, 'check values', { leaf: answer.leaf }, () =>
    checkCpuidAnswer(answer, known),
  );
  return problem ? distrust(p, vcpu, problem) : ok(null);
}

/** Where the first agreement put the C-bit. */
const agreedCBit = (p: Platform, { domain }: Vcpu): number =>
  p.state.cell('guest', domain.id)?.cBit ?? featuresOf(p.state).cBit;
