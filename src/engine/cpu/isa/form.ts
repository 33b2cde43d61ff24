import { MNEMONICS, type Mnemonic, type Operand, type Size, TABLE } from './instructions';
import type { Entry } from './table/entry';

/** Where an operand stands in the bytes. */
export type Slot =
  | {
      readonly place: 'rm';
      readonly bank: 'gpr' | 'xmm';
      readonly accepts: 'either' | 'memory' | 'register';
      /** ModRM.mod is not looked at: always a register. */
      readonly anyMod: boolean;
      readonly size: Size;
    }
  | { readonly place: 'reg'; readonly bank: 'gpr' | 'xmm' | 'debug'; readonly size: Size }
  | { readonly place: 'opcode'; readonly size: Size }
  /** `encoded` bytes, sign-extended to `size`. */
  | { readonly place: 'immediate'; readonly encoded: Size; readonly size: Size }
  | { readonly place: 'relative'; readonly encoded: 1 | 4 }
  | { readonly place: 'implied'; readonly operand: Operand };

/** One form of an instruction for one operand size. */
export interface Form {
  readonly mnemonic: Mnemonic;
  readonly slots: readonly Slot[];
  readonly opcode: readonly number[];
  /** ModRM.reg where it belongs to the opcode. */
  readonly digit: number | null;
  /** The prefix 66: needed, refused, or without effect (null). */
  readonly p66: boolean | null;
  /** The prefix F2: needed or refused. */
  readonly f2: boolean;
  /** The prefix F3: needed, refused, or a repetition. */
  readonly f3: 'needed' | 'refused' | 'repeats';
  /** REX.W: needed, refused, or without effect (null). */
  readonly w: boolean | null;
}

const IMPLIED: Readonly<Record<string, Operand>> = {
  '1': { kind: 'immediate', value: 1n, size: 1 },
  CL: { kind: 'register', register: 'rcx', size: 1 },
  DX: { kind: 'register', register: 'rdx', size: 2 },
};
const FIXED: Readonly<Record<string, Size>> = { b: 1, w: 2, d: 4, q: 8 };

/** @throws Error when the letters are none of those that `Entry` lists. */
function slot(code: string, operandSize: Size): Slot {
  const implied = IMPLIED[code];
  if (implied) return { place: 'implied', operand: implied };
  const [kind, first = 'q', second = first === 'z' ? 'v' : first] = code;
  const capped: Size = operandSize === 8 ? 4 : operandSize;
  const bytes = (letter: string): Size => FIXED[letter] ?? (letter === 'z' ? capped : operandSize);
  const size = bytes(first);
  switch (kind) {
    case 'E':
      return { place: 'rm', bank: 'gpr', accepts: 'either', anyMod: false, size };
    case 'M':
      return { place: 'rm', bank: 'gpr', accepts: 'memory', anyMod: false, size };
    case 'R':
      return { place: 'rm', bank: 'gpr', accepts: 'register', anyMod: true, size };
    case 'W':
      return { place: 'rm', bank: 'xmm', accepts: 'register', anyMod: false, size };
    case 'G':
      return { place: 'reg', bank: 'gpr', size };
    case 'V':
      return { place: 'reg', bank: 'xmm', size };
    case 'D':
      return { place: 'reg', bank: 'debug', size };
    case 'Z':
      return { place: 'opcode', size };
    case 'A':
      return { place: 'implied', operand: { kind: 'register', register: 'rax', size } };
    case 'I':
      return { place: 'immediate', encoded: size, size: bytes(second) };
    case 'J':
      return { place: 'relative', encoded: first === 'b' ? 1 : 4 };
    default:
      throw new Error(`no operand is called ${code}`);
  }
}

type Choice = Pick<Form, 'p66' | 'w'> & { readonly size: Size };

/** Operand sizes of a form, with the prefixes that choose them: REX.W goes before 66 (APM vol. 3 Table 1-2). */
function choices(operands: string, encoding: readonly string[]): readonly Choice[] {
  if (/v|Iz/.test(operands)) {
    return [
      { size: 8, p66: null, w: true },
      { size: 4, p66: false, w: false },
      { size: 2, p66: true, w: false },
    ];
  }
  if (/Az/.test(operands)) {
    return [
      { size: 4, p66: false, w: null },
      { size: 2, p66: true, w: false },
    ];
  }
  const p66 = encoding.includes('66');
  return [{ size: 8, p66, w: encoding.includes('W') || (p66 ? false : null) }];
}

function compile(mnemonic: Mnemonic, entry: Entry, [operands, text]: Entry['forms'][number]): Form[] {
  const encoding = text.split(' ');
  const digit = encoding.find((token) => /^\/\d$/.test(token));
  const opcode = encoding
    .filter((token) => /^[0-9a-f]{2}(\+r)?$/.test(token))
    .map((token) => Number.parseInt(token, 16));
  const prefixes = opcode.filter((byte) => byte === 0x66 || byte === 0xf2 || byte === 0xf3);
  return choices(operands, encoding).map(({ size, p66, w }) => ({
    mnemonic,
    slots: operands === '' ? [] : operands.split(', ').map((code) => slot(code, size)),
    opcode: opcode.slice(prefixes.length),
    digit: digit === undefined ? null : Number(digit.slice(1)),
    p66,
    f2: prefixes.includes(0xf2),
    f3: prefixes.includes(0xf3) ? 'needed' : entry.repeats ? 'repeats' : 'refused',
    w,
  }));
}

/** The table of instructions, one form and one operand size each, in the order of the table. */
export const FORMS: readonly Form[] = MNEMONICS.flatMap((mnemonic) =>
  TABLE[mnemonic].forms.flatMap((form) => compile(mnemonic, TABLE[mnemonic], form)),
);

export const hasModrm = (form: Form): boolean =>
  form.digit !== null || form.slots.some(({ place }) => place === 'rm' || place === 'reg');
