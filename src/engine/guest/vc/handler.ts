import { type Outcome, ok, type Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { type Gpr, type Registers, unpackRegisters } from '../../core/registers';
import { featuresOf } from '../../cpu/cpuid';
import { EXIT, exitName } from '../../cpu/exits';
import { checkCpuidAnswer } from '../../cpu/ghcb/cpuidAnswer';
import type { GhcbField } from '../../cpu/ghcb/layout';
import { advance, completeCpuid, completeDr7Write, completeIn } from '../../cpu/isa/complete';
import type { IoEvent } from '../../cpu/isa/events';
import { registersOf } from '../../cpu/vmrun';
import { coreOf, type Vcpu } from '../memory';
import { statusOf } from '../run/status';
import { type Answered, ask, distrust, isCareful } from './ask';
import { believe } from './belief';
import { CPUID_TABLE, cpuidFromTable } from './cpuidTable';
import { stringIo } from './io';
import { deviceAccess } from './mmio';
import type { Raised } from './raised';
import { FORWARDED, type Request, unsupported } from './request';

const low = (value: bigint): bigint => BigInt.asUintN(32, value);

/** Registers that an answer to each reason changes, with all 64 bits of the answer. */
const OUTPUTS: Readonly<Record<number, readonly Gpr[]>> = {
  [EXIT.CPUID]: ['rax', 'rbx', 'rcx', 'rdx'],
  [EXIT.VMMCALL]: ['rax'],
};

/** Those that it changes as the instruction does: 32 bits, and zeros above. */
const HALVES: Readonly<Record<number, readonly Gpr[]>> = {
  [EXIT.RDTSC]: ['rax', 'rdx'],
  [EXIT.RDTSCP]: ['rax', 'rcx', 'rdx'],
  [EXIT.RDPMC]: ['rax', 'rdx'],
  [EXIT.MSR]: ['rax', 'rdx'],
};

/**
 * The kernel’s handler of #VC: it decodes the instruction itself, decides what to reveal, asks through the GHCB, checks the
 * answer and goes on behind the instruction (Linux arch/x86/coco/sev/vc-handle.c). Answers with the program’s registers;
 * the GHCB MSR is left as the handler wrote it. Modelled: the handler’s own use of registers, and the frame on the stack.
 */
export const handleVc = (p: Platform, vcpu: Vcpu, raised: Raised): Outcome<Registers> =>
  p.trace.span(
    'guest',
    vcpu.domain.name,
    '#VC',
    { code: raised.code, reason: exitName(raised.code), rip: `0x${raised.registers.rip.toString(16)}` },
    () => {
      const served = serve(p, vcpu, raised);
      if (!served.ok) return served;
      const { ghcb } = unpackRegisters(registersOf(p, coreOf(p, vcpu)));
      return ok({ ...served.value, ghcb });
    },
  );

const DECODE: Rule = {
  id: 'guest.vc-decode',
  says: 'The handler of #VC reads the instruction itself; where it cannot, the kernel gives up.',
  source: 'Linux arch/x86/coco/sev/vc-handle.c (vc_init_em_ctxt, vc_decode_insn)',
  standing: 'published',
};

/** #VC where there is no instruction to read: its page is gone. */
export const handleNowhere = (p: Platform, vcpu: Vcpu): Outcome<never> =>
  p.trace.span('guest', vcpu.domain.name, '#VC', { code: EXIT.NPF, reason: exitName(EXIT.NPF) }, () =>
    distrust(p, vcpu, { rule: DECODE, message: 'There are no bytes of an instruction.' }),
  );

function serve(p: Platform, vcpu: Vcpu, raised: Raised): Outcome<Registers> {
  const { code, info1, registers, event, instruction } = raised;
  if (code === EXIT.NPF) return deviceAccess(p, vcpu, raised);
  if (event?.name === 'IOIO')
    return event.string ? stringIo(p, vcpu, raised, event) : portIo(p, vcpu, raised, event);
  if (event?.name === 'DR7_WRITE') return writeDebug(p, vcpu, raised, event.register);
  const table = code === EXIT.CPUID ? cpuidTableOf(p, vcpu) : undefined;
  if (table !== undefined) return fromTable(p, vcpu, raised, table);
  const request = requestOf(raised);
  const answered = ask(p, vcpu, request, registers);
  if (!answered.ok) return answered;
  if (code === EXIT.CPUID) {
    const fine = checkCpuid(p, vcpu, registers, answered.value);
    if (!fine.ok) return fine;
    const { read } = answered.value;
    believe(p, vcpu, Number(low(registers.rax)), { eax: read('rax'), ebx: read('rbx') });
  }
  const changes = outputs(raised, answered.value, info1);
  return ok(advance(registers, instruction.length, changes));
}

/** GVA of an SNP guest’s CPUID page; none where its kernel does not look there. */
function cpuidTableOf(p: Platform, { domain }: Vcpu): number | undefined {
  const os = domain.snp ? p.state.cell('guest', domain.id) : null;
  if (os?.handler?.cpuid === 'hypervisor') return undefined;
  return os?.objects.find(({ name }) => name === CPUID_TABLE)?.address;
}

/** CPUID of an SNP guest. */
function fromTable(
  p: Platform,
  vcpu: Vcpu,
  { registers, instruction }: Raised,
  table: number,
): Outcome<Registers> {
  const found = cpuidFromTable(p, vcpu, table, registers);
  if (!found.ok) return found;
  const { eax, ebx } = found.value;
  believe(p, vcpu, Number(low(registers.rax)), { eax: BigInt(eax), ebx: BigInt(ebx) });
  return ok(completeCpuid(registers, instruction.length, found.value));
}

/** IN and OUT: only the bytes that the instruction moves are shown and taken (EDK2 CcExitVcHandler.c, IoioExit). */
function portIo(
  p: Platform,
  vcpu: Vcpu,
  { code, info1, registers, instruction }: Raised,
  event: IoEvent,
): Outcome<Registers> {
  const shown = event.in ? {} : { rax: BigInt.asUintN(8 * event.size, registers.rax) };
  const answered = ask(p, vcpu, { code, info1, info2: 0n, own: shown }, registers);
  if (!answered.ok) return answered;
  if (!event.in) return ok(advance(registers, instruction.length));
  return ok(completeIn(registers, instruction.length, event, answered.value.read('rax')));
}

/** A write of DR7: what the processor would refuse is refused here (Linux arch/x86/coco/sev/vc-handle.c, vc_handle_dr7_write). */
function writeDebug(
  p: Platform,
  vcpu: Vcpu,
  { code, registers, instruction }: Raised,
  register: Gpr,
): Outcome<Registers> {
  const written = completeDr7Write(registers, instruction.length, register);
  if (!written.ok) return p.trace.refused(written);
  const request = { code, info1: 0n, info2: 0n, own: { rax: written.value.dr7 } };
  const answered = ask(p, vcpu, request, registers);
  return answered.ok ? written : answered;
}

function requestOf({ code, info1, event }: Raised): Request {
  if (event?.name === 'DR7_READ') return { code, info1: 0n, info2: 0n };
  return FORWARDED.includes(code) ? { code, info1, info2: 0n } : unsupported(code);
}

function outputs({ code, event }: Raised, { read }: Answered, info1: bigint): Partial<Registers> {
  if (event?.name === 'DR7_READ') return { [event.register]: read('rax') };
  if (code === EXIT.MSR && info1 !== 0n) return {};
  const whole = (OUTPUTS[code] ?? []).map((name) => [name, read(name as GhcbField)]);
  const halves = (HALVES[code] ?? []).map((name) => [name, low(read(name as GhcbField))]);
  return Object.fromEntries([...whole, ...halves]);
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
