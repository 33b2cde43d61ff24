import type { Gpr } from '../../core/registers';
import { ARITHMETIC } from './table/arithmetic';
import type { Entry } from './table/entry';
import { FLOW } from './table/flow';
import { EVENTS } from './table/intercepted';
import { MOVES } from './table/moves';

/** Bytes of an operand. */
export type Size = 1 | 2 | 4 | 8;

export type Operand =
  | { readonly kind: 'register'; readonly register: Gpr; readonly size: Size }
  | { readonly kind: 'xmm'; readonly register: 'xmm0' }
  | { readonly kind: 'debug'; readonly register: 'dr6' | 'dr7' }
  /** `value` as the instruction uses it: sign-extended to `size` bytes and then without a sign. */
  | { readonly kind: 'immediate'; readonly value: bigint; readonly size: Size }
  /** `displacement` has a sign. With base `rip` it counts from the end of the instruction. */
  | {
      readonly kind: 'memory';
      readonly base: Gpr | 'rip' | null;
      readonly displacement: bigint;
      readonly size: Size;
    }
  /** A jump, in bytes from the end of the instruction. */
  | { readonly kind: 'relative'; readonly offset: number };

export interface Instruction {
  readonly mnemonic: Mnemonic;
  readonly operands: readonly Operand[];
  /** Bytes, 1 to 15. */
  readonly length: number;
  /** With a repeat prefix: once for each count in RCX. */
  readonly rep: boolean;
}

/** Instructions that need nothing but registers, flags and memory. */
const PLAIN = { ...MOVES, ...ARITHMETIC, ...FLOW };
export type PlainMnemonic = keyof typeof PLAIN;
export type Mnemonic = PlainMnemonic | keyof typeof EVENTS;

/** Every instruction of the guest CPU: a small selection of x86-64 in 64-bit mode, with the real bytes. */
export const TABLE: Readonly<Record<Mnemonic, Entry>> = { ...PLAIN, ...EVENTS };
export const MNEMONICS = Object.keys(TABLE) as Mnemonic[];

export const isMnemonic = (word: string): word is Mnemonic => Object.hasOwn(TABLE, word);

/** Other names of the same instructions (APM vol. 3 Jcc, SHL). */
export const ALIASES: Readonly<Record<string, Mnemonic>> = {
  jz: 'je',
  jnz: 'jne',
  jc: 'jb',
  jnae: 'jb',
  jnc: 'jae',
  jnb: 'jae',
  jna: 'jbe',
  jnbe: 'ja',
  jnge: 'jl',
  jnl: 'jge',
  jng: 'jle',
  jnle: 'jg',
  sal: 'shl',
};
