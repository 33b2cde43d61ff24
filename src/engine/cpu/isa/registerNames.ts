import { GPRS, type Gpr } from '../../core/registers';
import type { Operand, Size } from './instructions';

const SUFFIX: Readonly<Record<Size, string>> = { 1: 'b', 2: 'w', 4: 'd', 8: '' };

/** The name of the low `size` bytes of a register: `rax` of 4 bytes is `eax`, `r8` of 1 is `r8b`. */
export function registerName(register: Gpr, size: Size): string {
  const index = GPRS.indexOf(register);
  if (index >= 8) return register + SUFFIX[size];
  const word = register.slice(1);
  if (size === 1) return index < 4 ? `${word[0]}l` : `${word}l`;
  return { 2: word, 4: `e${word}`, 8: register }[size];
}

const SIZES = [8, 4, 2, 1] as const;

const named = new Map<string, Operand>([
  ['xmm0', { kind: 'xmm', register: 'xmm0' }],
  ['dr6', { kind: 'debug', register: 'dr6' }],
  ['dr7', { kind: 'debug', register: 'dr7' }],
]);
for (const register of GPRS)
  for (const size of SIZES) named.set(registerName(register, size), { kind: 'register', register, size });

/** Every register that an instruction can name, by its name in lower case. */
export const REGISTERS: ReadonlyMap<string, Operand> = named;

const FOREIGN = /^([a-d]h|[er]?flags|[c-gs]s|cr\d+|dr\d+|xmm\d+|[er]ip)$/;

/** Registers of a real processor that no operand here can name. */
export const isForeignRegister = (name: string): boolean => FOREIGN.test(name) && !REGISTERS.has(name);
