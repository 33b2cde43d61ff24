import type { DomainCell } from '../../core/cells';
import type { Outcome } from '../../core/fault';
import type { Platform } from '../../core/platform';
import type { Gpr } from '../../core/registers';
import type { RefusalReason } from '../../cpu/ghcb/result';

/** What a vCPU asks of Xen, however its registers came here. */
export interface Asked {
  readonly domain: DomainCell;
  readonly vcpu: number;
  /** Complex of the core on which it left. */
  readonly complex: number;
  readonly info1: bigint;
  readonly info2: bigint;
  readonly read: (register: Gpr | 'xcr0') => bigint;
  /** Bytes that come along: of OUTS or of an MMIO write. */
  readonly bytes: Uint8Array;
}

/** What Xen makes of it: registers and bytes that change, or an exception for the guest. */
export type Answer =
  | {
      readonly registers: Partial<Readonly<Record<Gpr, bigint>>>;
      readonly bytes?: Uint8Array;
      /** SW_EXITINFO2 of an answer through the GHCB. */
      readonly info2?: bigint;
    }
  | { readonly exception: 'GP' | 'UD' };

export type Emulator = (p: Platform, asked: Asked) => Answer;

/** What a call that software defines comes to: an answer, the end of the guest, or why Xen does not take it. */
export type SoftwareAnswer = Answer | Outcome<Answer> | { readonly refused: RefusalReason };

export const NOTHING: Answer = { registers: {} };

/** The lower halves of two registers, as RDMSR and RDTSC answer. */
export const inHalves = (value: bigint): Answer => ({
  registers: { rax: BigInt.asUintN(32, value), rdx: BigInt.asUintN(64, value) >> 32n },
});
