import { toHex } from '../../core/bytes';
import { type Fault, type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { type Registers, unpackRegisters } from '../../core/registers';
import { EXIT, EXIT_RULES, exitName, isAutomatic, needsInterceptBit, VECTORS } from '../../cpu/exits';
import { sample } from '../../cpu/ibs';
import { isIntercepted } from '../../cpu/intercepts';
import { advance } from '../../cpu/isa/complete';
import type { Event } from '../../cpu/isa/events';
import { execute } from '../../cpu/isa/execute';
import { print } from '../../cpu/isa/print';
import { exitInfoOf } from '../../cpu/pageFaults';
import { retire } from '../../cpu/stackEngine';
import { registersOf, setRegisters, vmcbOf } from '../../cpu/vmrun';
import { enterGuest } from '../../xen/domain';
import { handleExit } from '../../xen/exits/handle';
import { patchVcpu, vcpuOf } from '../../xen/exits/vcpus';
import { leaveGuest } from '../../xen/stub';
import { isWatched } from '../../xen/watch';
import { coreOf, letThrough, type Vcpu } from '../memory';
import { believe, ENCRYPTION_LEAF } from '../vc/belief';
import { handleNowhere, handleVc } from '../vc/handler';
import { isNotValidated, notValidated } from '../vc/notValidated';
import { takeEvent } from './event';
import { type Reason, reasonOf } from './exit';
import { type Fetched, fetchInstruction } from './fetch';
import { finish, OWN_MSRS } from './native';
import { memoryOf } from './port';
import { featuresOf } from './status';

/** How one instruction went. */
export interface Stepped {
  /** As the assembler would write it. */
  readonly text: string;
  /** Where it was. */
  readonly rip: bigint;
  /** What it took beside the core: nothing, an exit, #VC and a VMGEXIT. */
  readonly path: 'core' | 'exit' | '#VC';
  /** Name of the exit’s reason. */
  readonly reason: string | null;
  /** The vCPU has nothing more to do; `waits`: for a startup interrupt, in AP reset hold. */
  readonly ended: 'HLT' | 'RET' | 'waits' | null;
}

const INJECTED: Rule = {
  id: 'guest.injected',
  says: 'An exception that nobody in the guest handles ends its program.',
  source: 'modelled: the kernel has a handler for #VC only',
  standing: 'modelled',
};

/** One instruction of a vCPU at its RIP, with everything that follows from it. */
export function step(p: Platform, vcpu: Vcpu): Outcome<Stepped> {
  const core = coreOf(p, vcpu);
  const entered = enterGuest(p, vcpu.domain, core, vcpu.vcpu);
  if (!entered.ok) return entered;
  patchVcpu(p, vcpu.domain, vcpu.vcpu, { state: 'runs' });
  const taken = takeEvent(p, vcpu);
  if (!taken.ok) return taken;
  const registers = unpackRegisters(registersOf(p, core));
  const fetched = fetchAccepted(p, vcpu, Number(registers.rip));
  if (!fetched.ok) return nowhere(p, vcpu, fetched);
  const text = print(fetched.value.instruction);
  return p.trace.span(
    'guest',
    vcpu.domain.name,
    text,
    { rip: `0x${registers.rip.toString(16)}`, bytes: toHex(fetched.value.bytes) },
    () => {
      const done = perform(p, vcpu, fetched.value, registers);
      return done.ok ? ok({ text, rip: registers.rip, ...done.value }) : done;
    },
    ({ path, reason }) => ({ path, reason }),
  );
}

/** The instruction at RIP; where its page is not validated the kernel decides whether there is a second try. */
function fetchAccepted(p: Platform, vcpu: Vcpu, rip: number): Outcome<Fetched> {
  const fetched = fetchInstruction(p, vcpu, rip);
  if (fetched.ok || !raisesNotValidated(vcpu, fetched.fault)) return fetched;
  const handled = notValidated(p, vcpu, fetched.fault);
  return handled.ok ? fetchInstruction(p, vcpu, rip) : handled;
}

const raisesNotValidated = ({ domain }: Vcpu, fault: Fault): boolean => domain.snp && isNotValidated(fault);

/** Nothing to fetch: a nested page fault brings the core back to the hypervisor, or #VC is the end. */
function nowhere(
  p: Platform,
  vcpu: Vcpu,
  failed: { readonly ok: false; readonly fault: Fault },
): Outcome<never> {
  if (failed.fault.name === '#NPF') {
    const { info1, info2 } = exitInfoOf(failed.fault);
    if (runsEs(p, vcpu) && !isAutomatic(EXIT.NPF, info1)) {
      p.trace.fact('check', { what: '#VC', code: EXIT.NPF }, EXIT_RULES.reservedNpf);
      return handleNowhere(p, vcpu);
    }
    leaveGuest(p, coreOf(p, vcpu), { code: EXIT.NPF, info1, info2 });
    return failed;
  }
  return p.trace.refused(failed);
}

type How = Pick<Stepped, 'path' | 'reason' | 'ended'>;

function perform(p: Platform, vcpu: Vcpu, fetched: Fetched, registers: Registers): Outcome<How> {
  const ran = execute(fetched.instruction, registers, memoryOf(p, vcpu));
  if (!ran.ok) return stuck(p, vcpu, fetched, registers, ran);
  if (ran.value.kind === 'next') {
    const core = coreOf(p, vcpu);
    sample(p, core, fetched.instruction, registers.rip);
    return goesOn(p, vcpu, retire(p, core, fetched.instruction, registers, ran.value.registers));
  }
  return happening(p, vcpu, fetched, registers, ran.value.event);
}

/** An access of the instruction was refused. A page that is not validated is the kernel’s affair; it may have the instruction tried again. */
function stuck(
  p: Platform,
  vcpu: Vcpu,
  fetched: Fetched,
  registers: Registers,
  refused: { readonly ok: false; readonly fault: Fault },
): Outcome<How> {
  const { fault } = refused;
  if (fault.name === '#NPF') return outside(p, vcpu, fetched, registers, fault);
  if (!raisesNotValidated(vcpu, fault)) return refused;
  const handled = notValidated(p, vcpu, fault);
  return handled.ok ? goesOn(p, vcpu, registers, { ...CORE_ONLY, path: '#VC' }) : handled;
}

const CORE_ONLY: How = { path: 'core', reason: null, ended: null };

function goesOn(p: Platform, vcpu: Vcpu, registers: Registers, how: How = CORE_ONLY): Outcome<How> {
  const core = coreOf(p, vcpu);
  const entered = enterGuest(p, vcpu.domain, core, vcpu.vcpu);
  if (!entered.ok) return entered;
  setRegisters(p, core, registers);
  return ok(how);
}

const runsEs = (p: Platform, vcpu: Vcpu): boolean => p.state.need('core', coreOf(p, vcpu)).es;

/** An instruction that somebody may intercept. */
function happening(
  p: Platform,
  vcpu: Vcpu,
  fetched: Fetched,
  registers: Registers,
  event: Event,
): Outcome<How> {
  const { instruction } = fetched;
  const { length } = instruction;
  if (event.name === 'END') return ok({ ...CORE_ONLY, ended: 'RET' });
  const meant: Event = event.name === 'VMGEXIT' && !runsEs(p, vcpu) ? { name: 'VMMCALL' } : event;
  const reason = reasonOf(meant, registers, length);
  if (!reason || !exits(p, vcpu, reason, registers)) {
    const finished = finish(p, vcpu, meant, registers, length);
    if (!finished.ok)
      return finished.fault.name === '#NPF'
        ? outside(p, vcpu, fetched, registers, finished.fault)
        : p.trace.refused(finished);
    return goesOn(p, vcpu, finished.value, { ...CORE_ONLY, ended: event.name === 'HLT' ? 'HLT' : null });
  }
  const how: How = {
    path: 'exit',
    reason: exitName(reason.code),
    ended: event.name === 'HLT' ? 'HLT' : null,
  };
  if (!runsEs(p, vcpu)) {
    const left = exit(p, vcpu, reason, registers.rip + BigInt(length), how);
    return left.ok && vcpu.domain.sev && reason.code === EXIT.CPUID
      ? concluded(p, vcpu, registers, left)
      : left;
  }
  if (!isAutomatic(reason.code)) {
    p.trace.fact('check', { what: '#VC', code: reason.code }, EXIT_RULES.nonAutomatic);
    const served = handleVc(p, vcpu, {
      code: reason.code,
      info1: reason.info1,
      instruction,
      registers,
      event,
    });
    return served.ok ? goesOn(p, vcpu, served.value, stopped(p, vcpu, { ...how, path: '#VC' })) : served;
  }
  p.trace.fact('check', { what: 'automatic exit', code: reason.code }, EXIT_RULES.automatic);
  setRegisters(p, coreOf(p, vcpu), advance(registers, length));
  return exit(p, vcpu, reason, null, how);
}

/** Does hardware act on the event: does the VMCB ask for it, or does it count as intercepted anyway? */
function exits(p: Platform, vcpu: Vcpu, { code }: Reason, { rcx }: Registers): boolean {
  const { complex, es, snp } = p.state.need('core', coreOf(p, vcpu));
  const msr = Number(BigInt.asUintN(32, rcx));
  if (code === EXIT.MSR && Object.values(OWN_MSRS).some((own) => own === msr)) return false;
  const features = featuresOf(snp);
  if (es && !needsInterceptBit(code, { features, ...(code === EXIT.MSR ? { msr } : {}) })) return true;
  return isIntercepted(p, complex, vmcbOf(vcpu.domain, vcpu.vcpu), code);
}

/** Ends the run of a vCPU that now waits to be started: it asked for AP reset hold, or sent INIT to itself. */
const stopped = (p: Platform, { domain, vcpu }: Vcpu, how: How): How =>
  vcpuOf(p, p.state.need('domain', domain.id), vcpu).state === 'waits' ? { ...how, ended: 'waits' } : how;

/** #VMEXIT, and what Xen makes of it. The vCPU is entered again when it goes on. */
function exit(p: Platform, vcpu: Vcpu, reason: Reason, nextRip: bigint | null, how: How): Outcome<How> {
  const core = coreOf(p, vcpu);
  const { complex } = p.state.need('core', core);
  leaveGuest(p, core, { ...reason, ...(nextRip === null ? {} : { nextRip }) });
  const domain = p.state.need('domain', vcpu.domain.id);
  const handled = handleExit(p, { domain, vcpu: vcpu.vcpu, core, complex });
  if (!handled.ok) return handled;
  const { exception } = handled.value;
  if (exception === null) return ok(stopped(p, vcpu, how));
  const name = exception === VECTORS.UD ? '#UD' : '#GP';
  return p.trace.refused(
    refuse(
      INJECTED,
      name,
      `Xen injects ${name} for ${how.reason}.`,
      { vector: exception, reason: how.reason },
      'Another instruction, or a hypervisor that emulates it.',
    ),
  );
}

/** A kernel whose registers Xen has filled reads there what CPUID says of encryption. */
function concluded(p: Platform, vcpu: Vcpu, { rax }: Registers, how: Outcome<How>): Outcome<How> {
  const leaf = Number(BigInt.asUintN(32, rax));
  if (leaf !== ENCRYPTION_LEAF) return how;
  const core = coreOf(p, vcpu);
  const entered = enterGuest(p, vcpu.domain, core, vcpu.vcpu);
  if (!entered.ok) return entered;
  const told = unpackRegisters(registersOf(p, core));
  believe(p, vcpu, leaf, { eax: told.rax, ebx: told.rbx });
  return how;
}

/** The instruction once more, after the hypervisor has seen which page it wants. */
function again(p: Platform, vcpu: Vcpu, fetched: Fetched, registers: Registers, fault: Fault): Outcome<How> {
  const answered = letThrough(p, vcpu, fault);
  if (!answered.ok) return answered;
  const entered = enterGuest(p, vcpu.domain, coreOf(p, vcpu), vcpu.vcpu);
  return entered.ok ? perform(p, vcpu, fetched, registers) : entered;
}

/** An access that the nested tables or the RMP refuse: a device, another’s page, or nothing at all. */
function outside(
  p: Platform,
  vcpu: Vcpu,
  { instruction, bytes }: Fetched,
  registers: Registers,
  fault: Fault,
): Outcome<How> {
  if (isWatched(p, vcpu.domain, fault)) return again(p, vcpu, { instruction, bytes }, registers, fault);
  const { info1, info2 } = exitInfoOf(fault);
  const how: How = { path: 'exit', reason: exitName(EXIT.NPF), ended: null };
  if (runsEs(p, vcpu) && !isAutomatic(EXIT.NPF, info1)) {
    p.trace.fact('check', { what: '#VC', code: EXIT.NPF }, EXIT_RULES.reservedNpf);
    const raised = { code: EXIT.NPF, info1, instruction, registers, event: null };
    const served = handleVc(p, vcpu, raised);
    return served.ok ? goesOn(p, vcpu, served.value, stopped(p, vcpu, { ...how, path: '#VC' })) : served;
  }
  const core = coreOf(p, vcpu);
  const { complex } = p.state.need('core', core);
  leaveGuest(p, core, { code: EXIT.NPF, info1, info2, instruction: bytes });
  const handled = handleExit(p, {
    domain: p.state.need('domain', vcpu.domain.id),
    vcpu: vcpu.vcpu,
    core,
    complex,
  });
  return handled.ok ? ok(stopped(p, vcpu, how)) : handled;
}
