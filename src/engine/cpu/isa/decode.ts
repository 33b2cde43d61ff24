import { GPRS, type Gpr } from '../../core/registers';
import { FORMS, type Form, hasModrm, type Slot } from './form';
import type { Instruction, Operand } from './instructions';

interface Prefixes {
  readonly p66: boolean;
  readonly f2: boolean;
  readonly f3: boolean;
  /** The REX byte, 0 without one. */
  readonly rex: number;
  readonly length: number;
}

/** ModRM with the bits that REX adds. */
interface Modrm {
  readonly mod: number;
  readonly reg: number;
  readonly rm: number;
}

/** What ModRM.r/m stands for; `displacement` is the number of its bytes, `length` the bytes of SIB. */
interface Place {
  readonly base: Gpr | 'rip' | null;
  readonly displacement: 0 | 1 | 4;
  readonly length: 0 | 1;
}

const gpr = (number: number): Gpr => GPRS[number & 15] ?? 'rax';

/** Opcodes as numbers, with the forms that begin with them: `0x0f01` holds those of `0f 01 xx`. */
const BY_OPCODE = new Map<number, Form[]>();
const key = (opcode: readonly number[]): number => opcode.reduce((number, byte) => number * 256 + byte, 0);
for (const form of FORMS) {
  const registers = form.slots.some(({ place }) => place === 'opcode') ? 8 : 1;
  for (let register = 0; register < registers; register++) {
    for (let length = 1; length <= form.opcode.length; length++) {
      const at = key(form.opcode.slice(0, length)) + (length === form.opcode.length ? register : 0);
      BY_OPCODE.set(at, [...(BY_OPCODE.get(at) ?? []), form]);
    }
  }
}

/** Legacy prefixes in any order, each at most once, then REX (APM vol. 3 §1.2.1, §1.2.7). */
function prefixesOf(bytes: Uint8Array): Prefixes | null {
  let [p66, f2, f3, rex, length] = [false, false, false, 0, 0];
  for (; length < bytes.length; length++) {
    const byte = bytes[length] ?? 0;
    if (byte === 0x66 ? p66 : byte === 0xf2 ? f2 : byte === 0xf3 && f3) return null;
    if (byte === 0x66) p66 = true;
    else if (byte === 0xf2) f2 = true;
    else if (byte === 0xf3) f3 = true;
    else {
      if (byte >> 4 === 4) rex = byte;
      break;
    }
  }
  return { p66, f2, f3, rex, length: rex ? length + 1 : length };
}

/** Without REX, numbers 4 to 7 of one byte are AH to BH, which no program of the table uses. */
const nameable = (number: number, size: number, rex: number): boolean =>
  size !== 1 || rex !== 0 || number < 4 || number > 7;

const allows = (form: Form, { p66, f2, f3, rex }: Prefixes, opcode: number): boolean =>
  (form.p66 === null || form.p66 === p66) &&
  form.f2 === f2 &&
  (form.f3 === 'repeats' || (form.f3 === 'needed') === f3) &&
  (form.w === null || form.w === (rex & 8) > 0) &&
  form.slots.every((slot) => slot.place !== 'opcode' || nameable(opcode & 7, slot.size, rex)) &&
  // With REX.B the byte 90 is XCHG of r8 (APM vol. 3 XCHG), which is not in the table.
  !(form.opcode[0] === 0x90 && rex & 1);

function admits(slot: Slot, { mod, reg, rm }: Modrm, rex: number): boolean {
  if (slot.place === 'reg') {
    if (slot.bank === 'debug') return reg === 6 || reg === 7;
    return slot.bank === 'xmm' ? reg === 0 : nameable(reg, slot.size, rex);
  }
  if (slot.place !== 'rm' || slot.anyMod) return true;
  if (mod !== 3) return slot.accepts !== 'register';
  return slot.accepts !== 'memory' && (slot.bank === 'xmm' ? rm === 0 : nameable(rm, slot.size, rex));
}

/** The memory operand of a ModRM, with SIB at `at` where there is one; no index register (APM vol. 3 §1.4). */
function placeOf({ mod, rm }: Modrm, bytes: Uint8Array, at: number, rex: number): Place | 'more' | null {
  const displacement = mod === 1 ? 1 : mod === 2 ? 4 : 0;
  const low = rm & 7;
  if (low !== 4) {
    if (mod === 0 && low === 5) return { base: 'rip', displacement: 4, length: 0 };
    return { base: gpr(rm), displacement, length: 0 };
  }
  if (rex & 2) return null;
  const sib = bytes[at];
  if (sib === undefined) return 'more';
  if (((sib >> 3) & 7) !== 4) return null;
  if (mod === 0 && (sib & 7) === 5) return { base: null, displacement: 4, length: 1 };
  return { base: gpr((sib & 7) | (rm & 8)), displacement, length: 1 };
}

/** Little-endian with a sign; `length` 1, 2, 4 or 8. */
function signedAt(bytes: Uint8Array, at: number, length: number): bigint {
  let value = 0n;
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i] ?? 0);
  return BigInt.asIntN(length * 8, value);
}

/** What is known of an instruction when only displacement and number, from `at` on, are missing. */
interface Begun {
  readonly form: Form;
  readonly prefixes: Prefixes;
  readonly modrm: Modrm;
  /** Null when ModRM names a register, or there is none. */
  readonly place: Place | null;
  readonly at: number;
}

function operand(slot: Slot, { prefixes, modrm, place, at }: Begun, bytes: Uint8Array): Operand {
  const number = at + (place?.displacement ?? 0);
  switch (slot.place) {
    case 'implied':
      return slot.operand;
    case 'immediate': {
      const value = BigInt.asUintN(slot.size * 8, signedAt(bytes, number, slot.encoded));
      return { kind: 'immediate', value, size: slot.size };
    }
    case 'relative':
      return { kind: 'relative', offset: Number(signedAt(bytes, number, slot.encoded)) };
    case 'opcode': {
      const low = (bytes[at - 1] ?? 0) & 7;
      return { kind: 'register', register: gpr(low | ((prefixes.rex & 1) << 3)), size: slot.size };
    }
    case 'reg':
      if (slot.bank === 'xmm') return { kind: 'xmm', register: 'xmm0' };
      if (slot.bank === 'debug') return { kind: 'debug', register: modrm.reg === 6 ? 'dr6' : 'dr7' };
      return { kind: 'register', register: gpr(modrm.reg), size: slot.size };
    case 'rm':
      if (slot.bank === 'xmm') return { kind: 'xmm', register: 'xmm0' };
      if (!place) return { kind: 'register', register: gpr(modrm.rm), size: slot.size };
      return {
        kind: 'memory',
        base: place.base,
        displacement: signedAt(bytes, at, place.displacement),
        size: slot.size,
      };
  }
}

function finish(begun: Begun, bytes: Uint8Array): Instruction | 'more' {
  const { form, prefixes, place, at } = begun;
  const numbers = form.slots.map((slot) => ('encoded' in slot ? slot.encoded : 0));
  const length = numbers.reduce<number>((sum, encoded) => sum + encoded, at + (place?.displacement ?? 0));
  if (bytes.length < length) return 'more';
  return {
    mnemonic: form.mnemonic,
    operands: form.slots.map((slot) => operand(slot, begun, bytes)),
    length,
    rep: prefixes.f3 && form.f3 === 'repeats',
  };
}

/** Forms whose opcode follows the prefixes, and where it ends. */
function formsAt(bytes: Uint8Array, prefixes: Prefixes): { forms: readonly Form[]; at: number } | 'more' {
  let at = prefixes.length;
  let opcode = 0;
  for (;;) {
    const byte = bytes[at++];
    if (byte === undefined) return 'more';
    opcode = opcode * 256 + byte;
    const forms = (BY_OPCODE.get(opcode) ?? []).filter((form) => allows(form, prefixes, byte));
    if ((forms[0]?.opcode.length ?? 0) <= at - prefixes.length) return { forms, at };
  }
}

/**
 * The instruction at the start of the bytes, whatever follows it. `more`: they end inside what could still be one. Null:
 * no instruction of the table; on a processor some of these are others. Never throws.
 */
export function decode(bytes: Uint8Array): Instruction | 'more' | null {
  const prefixes = prefixesOf(bytes);
  if (!prefixes) return null;
  const found = formsAt(bytes, prefixes);
  if (found === 'more') return 'more';
  const { forms, at } = found;
  const [first] = forms;
  if (!first) return null;
  if (!hasModrm(first)) {
    return finish({ form: first, prefixes, modrm: { mod: 3, reg: 0, rm: 0 }, place: null, at }, bytes);
  }
  const byte = bytes[at];
  if (byte === undefined) return 'more';
  const { rex } = prefixes;
  const modrm = {
    mod: byte >> 6,
    reg: ((byte >> 3) & 7) | ((rex & 4) << 1),
    rm: (byte & 7) | ((rex & 1) << 3),
  };
  const form = forms.find(
    ({ digit, slots }) =>
      (digit === null || digit === (modrm.reg & 7)) && slots.every((slot) => admits(slot, modrm, rex)),
  );
  if (!form) return null;
  const register = modrm.mod === 3 || form.slots.some((slot) => slot.place === 'rm' && slot.anyMod);
  const place = register ? null : placeOf(modrm, bytes, at + 1, rex);
  if (place === 'more' || (!register && !place)) return place;
  return finish({ form, prefixes, modrm, place, at: at + 1 + (place?.length ?? 0) }, bytes);
}
