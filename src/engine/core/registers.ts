/** General-purpose registers in the order of their numbers in instruction encodings (APM vol. 3 §1.2.7). */
export const GPRS = [
  'rax',
  'rcx',
  'rdx',
  'rbx',
  'rsp',
  'rbp',
  'rsi',
  'rdi',
  'r8',
  'r9',
  'r10',
  'r11',
  'r12',
  'r13',
  'r14',
  'r15',
] as const;
export type Gpr = (typeof GPRS)[number];

/** What this machine's cores keep of a program beside its paging mode: 64 bits each, `xmm0` 128; `ghcb` is MSR C001_0130. */
export const REGISTER_NAMES = [
  ...GPRS,
  'rip',
  'rflags',
  'cr2',
  'dr6',
  'dr7',
  'xcr0',
  'ghcb',
  'xmm0',
] as const;
export type RegisterName = (typeof REGISTER_NAMES)[number];

/** A register file as numbers. */
export type Registers = Readonly<Record<RegisterName, bigint>>;

/** The same as state keeps it: hexadecimal without a prefix, 16 digits (`xmm0`: 32). */
export type RegistersCell = Readonly<Record<RegisterName, string>>;

const digits = (name: RegisterName): number => (name === 'xmm0' ? 32 : 16);

/** Values wider than their register lose their upper bits. */
export function packRegisters(registers: Registers): RegistersCell {
  const cell: Partial<Record<RegisterName, string>> = {};
  for (const name of REGISTER_NAMES)
    cell[name] = BigInt.asUintN(digits(name) * 4, registers[name])
      .toString(16)
      .padStart(digits(name), '0');
  return cell as RegistersCell;
}

export function unpackRegisters(cell: RegistersCell): Registers {
  const registers: Partial<Record<RegisterName, bigint>> = {};
  for (const name of REGISTER_NAMES) registers[name] = BigInt(`0x${cell[name]}`);
  return registers as Registers;
}

/** After a reset, as far as this machine keeps it (APM vol. 2 §14.1.3); RDX is left at 0. */
export const RESET_REGISTERS: Registers = {
  ...(Object.fromEntries(REGISTER_NAMES.map((name) => [name, 0n])) as Registers),
  rflags: 0x2n,
  rip: 0xfff0n,
  dr6: 0xffff0ff0n,
  dr7: 0x400n,
  xcr0: 1n,
};

/** The registers that say where a vCPU is and what it works with, as bytes: `GPRS` and RIP, 64 bits each, little-endian. */
export function registerBytes(registers: Registers): Uint8Array {
  const view = new DataView(new ArrayBuffer((GPRS.length + 1) * 8));
  for (const [i, name] of PLACE_REGISTERS.entries())
    view.setBigUint64(i * 8, BigInt.asUintN(64, registers[name]), true);
  return new Uint8Array(view.buffer);
}

/** Of `registerBytes`, in its order. */
export const PLACE_REGISTERS = [...GPRS, 'rip'] as const;
