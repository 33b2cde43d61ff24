import { hasFix } from '../core/config';
import type { Rule } from '../core/fault';
import type { StackEngineCell } from '../core/machineCells';
import type { Platform } from '../core/platform';
import { type Registers, unpackRegisters } from '../core/registers';
import type { Instruction } from './isa/instructions';
import { registersOf, setRegisters } from './vmrun';

/**
 * The stack engine of a core: it keeps count of pushes and pops ahead of RSP. The published effect (StackWarp), not the pipeline:
 * a thread whose sibling switches the engine off goes on with an RSP that stands still.
 */

const PUBLISHED =
  'StackWarp (USENIX Security 2026; github.com/cispa/StackWarp); AMD-SB-3027 (CVE-2025-29943)';

const STACK_RULES = {
  held: {
    id: 'cpu.stack-engine-held',
    says: 'While the sibling thread has the stack engine switched off, PUSH, POP, CALL and RET use memory at RSP as it stands, and what they would add to it is held back.',
    source: `${PUBLISHED}; modelled: the effect, not the pipeline`,
    standing: 'modelled',
  },
  released: {
    id: 'cpu.stack-engine-released',
    says: 'When the sibling switches the stack engine on again, all that was held back is added to RSP at once.',
    source: `${PUBLISHED}; modelled: what is held back belongs to the thread, whoever runs there meanwhile`,
    standing: 'modelled',
  },
  own: {
    id: 'cpu.stack-engine-own',
    says: 'Bit 19 of MSR C001_1029 belongs to a core; the thread that writes it is in step with its own write.',
    source: `${PUBLISHED}; modelled: with SMT off, and between #VMEXIT and VMRUN, nothing is held back`,
    standing: 'modelled',
  },
  repaired: {
    id: 'cpu.stack-engine-repaired',
    says: 'With newer microcode a change of the bit reaches both threads of a core in step.',
    source: 'AMD-SB-3027 (CVE-2025-29943); what the microcode changes is not published (modelled)',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

const WORD = 8;

/** The core of a thread; those of a core follow each other. */
const coreOfThread = ({ config }: Platform, thread: number): number =>
  Math.floor(thread / config.topology.threads);

/** The other threads of its core. */
function siblingsOf(p: Platform, thread: number): number[] {
  const { threads } = p.config.topology;
  const first = coreOfThread(p, thread) * threads;
  return Array.from({ length: threads }, (_, i) => first + i).filter((each) => each !== thread);
}

const engineOf = (p: Platform, thread: number): StackEngineCell =>
  p.state.cell('stackEngine', coreOfThread(p, thread)) ?? { off: false, held: {} };

/** Bytes that a thread’s RSP still lacks; null: it does not stand still. */
export const heldBack = (p: Platform, thread: number): number | null =>
  engineOf(p, thread).held[thread] ?? null;

/** WRMSR of bit 19 by a thread of the host. @returns the threads whose RSP stands still from now on, or has moved now. */
export function switchStackEngine(p: Platform, thread: number, off: boolean): number[] {
  const repaired = hasFix(p.config, 'microcode-stack-engine');
  const wrote = { what: 'MSR C001_1029', thread, bit19: off };
  p.trace.fact('note', wrote, repaired ? STACK_RULES.repaired : STACK_RULES.own);
  const { held } = engineOf(p, thread);
  const others = repaired ? [] : siblingsOf(p, thread);
  const frozen = Object.fromEntries(others.map((each) => [each, held[each] ?? 0]));
  p.trace.set('stackEngine', coreOfThread(p, thread), off ? { off, held: frozen } : null);
  return off ? others : others.filter((each) => release(p, each, held[each] ?? 0));
}

/** Adds what was held back to RSP of the guest that runs on a thread; false: nothing was, or none runs. */
function release(p: Platform, thread: number, delta: number): boolean {
  if (delta === 0 || p.state.need('core', thread).domain === null) return false;
  const { rsp } = unpackRegisters(registersOf(p, thread));
  const moved = BigInt.asUintN(64, rsp + BigInt(delta));
  tell(p, thread, { by: null, due: 0, before: rsp, after: moved }, STACK_RULES.released);
  setRegisters(p, thread, { rsp: moved });
  return true;
}

/** Bytes that an instruction adds to RSP by way of the stack engine; null: it does not go there, or writes RSP itself. */
function counted({ mnemonic, operands: [first] }: Instruction): number | null {
  switch (mnemonic) {
    case 'push':
    case 'call':
      return -WORD;
    case 'pop':
      return first?.kind === 'register' && first.register === 'rsp' ? null : WORD;
    case 'ret':
      return WORD;
    default:
      return null;
  }
}

/** The registers with which an instruction retires on a thread, given those before it and those that it asks for. */
export function retire(
  p: Platform,
  thread: number,
  instruction: Instruction,
  before: Registers,
  after: Registers,
): Registers {
  const engine = engineOf(p, thread);
  const held = engine.held[thread];
  const due = counted(instruction);
  if (held === undefined || due === null) return after;
  const frozen = { ...engine, held: { ...engine.held, [thread]: held + due } };
  p.trace.set('stackEngine', coreOfThread(p, thread), frozen);
  const { rsp } = before;
  tell(p, thread, { by: instruction.mnemonic, due, before: rsp, after: rsp }, STACK_RULES.held);
  return { ...after, rsp };
}

interface Moved {
  /** The instruction, or null for none. */
  readonly by: string | null;
  /** What it adds to RSP. */
  readonly due: number;
  readonly before: bigint;
  readonly after: bigint;
}

function tell(p: Platform, thread: number, { by, due, before, after }: Moved, rule: Rule): void {
  const { domain, vcpu, vmpl } = p.state.need('core', thread);
  const moved = Number(BigInt.asIntN(64, after - before));
  p.trace.fact('note', { what: 'stack pointer', domain, vcpu, vmpl, by, due, moved }, rule);
}
