import type { Gpr } from '../../../core/registers';
import type { Mnemonic, Operand, Size } from '../instructions';

/** A number, or an address plus a number, as somebody wrote it. */
export interface Sum {
  readonly constant: bigint;
  /** `$` is the address of the instruction or datum itself. */
  readonly label: string | null;
  readonly column: number;
}

/** An operand as somebody wrote it: sizes may be missing and labels have no address yet. */
export type Written =
  | {
      readonly kind: 'register';
      readonly operand: Exclude<Operand, { kind: 'immediate' | 'memory' | 'relative' }>;
      readonly name: string;
      readonly column: number;
    }
  | { readonly kind: 'value'; readonly sum: Sum; readonly column: number }
  | {
      readonly kind: 'memory';
      readonly size: Size | null;
      readonly base: Gpr | 'rip' | null;
      /** The sum is an address to reach from RIP. */
      readonly relative: boolean;
      readonly sum: Sum;
      readonly column: number;
    };

export interface WrittenInstruction {
  readonly kind: 'instruction';
  readonly mnemonic: Mnemonic;
  readonly rep: boolean;
  /** Bytes of the offset that a jump asks for, null to take the shortest. */
  readonly reach: 1 | 4 | null;
  readonly operands: readonly Written[];
}

export interface WrittenData {
  readonly kind: 'data';
  /** Bytes a value. */
  readonly unit: Size;
  readonly values: readonly (string | Sum)[];
}

/** A line of a program that becomes bytes. */
export type Statement = (WrittenInstruction | WrittenData) & {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
};

export interface Label {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  /** The statement that it stands before; the number of statements at the end. */
  readonly statement: number;
}
