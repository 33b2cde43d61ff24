import type { Gpr } from '../../core/registers';

/** A port instruction as EXITINFO1 of an IOIO exit tells it (APM vol. 2 §15.10.2), before it is packed into bits. */
export interface IoEvent {
  readonly name: 'IOIO';
  readonly in: boolean;
  readonly string: boolean;
  readonly rep: boolean;
  /** Bytes an element. */
  readonly size: 1 | 2 | 4;
  readonly port: number;
  /** Of the memory operand of a string form: ES for INS, DS for OUTS; null for IN and OUT. */
  readonly segment: 'es' | 'ds' | null;
}

/** Events that are no more than the name of their instruction. */
export const PLAIN_EVENTS = [
  'CPUID',
  'RDMSR',
  'WRMSR',
  'RDTSC',
  'RDTSCP',
  'RDPMC',
  'VMMCALL',
  'VMGEXIT',
  'WBINVD',
  'INVD',
  'MONITOR',
  'MWAIT',
  'HLT',
  'PAUSE',
  'INT3',
  'UD2',
  'XSETBV',
  'PVALIDATE',
  'RMPADJUST',
  'RMPQUERY',
] as const;
export type PlainEvent = (typeof PLAIN_EVENTS)[number];

/**
 * What an instruction asks of its surroundings, with everything that the processor knows when it asks: a hypervisor may
 * intercept it, or its result does not come from the register file.
 */
export type Event =
  | { readonly name: PlainEvent }
  | IoEvent
  /** MOV between DR7 and this register. */
  | { readonly name: 'DR7_READ' | 'DR7_WRITE'; readonly register: Gpr }
  /** RET with RSP = 0: the program was called by nobody and is done (modelled). */
  | { readonly name: 'END' };
