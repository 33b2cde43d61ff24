import type { PlainEvent } from '../events';

/**
 * An instruction and its forms. A form is a pair of the operands in the letters of the opcode maps (APM vol. 3
 * Appendix A.1) and the encoding in those of §1.2 and §2.5:
 *
 * - `E` register or memory by ModRM.r/m, `G` register by ModRM.reg, `Z` register in the low bits of the opcode, `A`
 *   rAX, `M` memory by ModRM.r/m, `D` DR6 or DR7 by ModRM.reg, `R` register by ModRM.r/m whatever ModRM.mod, `V` and `W`
 *   XMM register by ModRM.reg and ModRM.r/m, `I` number, `J` jump; `DX`, `CL` and `1` are themselves.
 * - after it the size: `b` 1, `w` 2, `d` 4, `q` 8, `v` the operand size (4; with the prefix 66 2; with REX.W 8), `z` the
 *   operand size but at most 4. `I` may have two: the bytes encoded, then the size to which they are sign-extended.
 * - the encoding is written as the manual does: bytes, `+r` register in the opcode, `/r` and `/0` to `/7` ModRM; `W`
 *   asks for REX.W. Numbers and displacements follow from the operands.
 */
export interface Entry {
  /** What it does, as the end of a sentence that begins with its name. */
  readonly does: string;
  readonly source: string;
  /** Not executed by `execute`: it becomes this event. */
  readonly event?: PlainEvent | 'IOIO';
  /** The prefix F3 repeats it. */
  readonly repeats?: boolean;
  readonly forms: readonly (readonly [operands: string, encoding: string])[];
}
