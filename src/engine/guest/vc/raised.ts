import type { Registers } from '../../core/registers';
import type { Event } from '../../cpu/isa/events';
import type { Instruction } from '../../cpu/isa/instructions';

/** What raised #VC: the instruction at RIP, the registers of the program, and what hardware told. */
export interface Raised {
  readonly code: number;
  readonly info1: bigint;
  readonly instruction: Instruction;
  readonly registers: Registers;
  /** The event, for everything but an access to memory. */
  readonly event: Event | null;
}
