import { type Outcome, ok } from '../core/fault';
import type { Platform } from '../core/platform';
import type { Registers } from '../core/registers';
import { advance } from './isa/complete';
import { flagsAfter } from './isa/run/flags';
import { executePvalidate, executeRmpadjust, executeRmpquery } from './rmpInstructions';

type RmpEvent = 'PVALIDATE' | 'RMPADJUST' | 'RMPQUERY';

const bits = (value: bigint, lsb: number, width = 1): number =>
  Number(BigInt.asUintN(width, value >> BigInt(lsb)));

/** EAX, CF, and the other arithmetic flags as they follow from EAX (modelled; cpu-and-rmp.md E.4). */
function answered(
  registers: Registers,
  length: number,
  eax: number,
  { carry = false, ...changes }: Partial<Registers> & { readonly carry?: boolean } = {},
): Registers {
  const carries = { carry: carry ? 1n : 0n, adjust: 0n, overflow: 0n };
  const rflags = flagsAfter(registers.rflags, BigInt(eax), 4, carries);
  return advance(registers, length, { ...changes, rax: BigInt(eax), rflags });
}

/**
 * One of these instructions on a core, by its registers: PVALIDATE RAX, ECX 0, EDX 0; RMPADJUST RAX, RCX 0, RDX 7:0, 15:8, 16;
 * RMPQUERY RAX, RDX 7:0, with RDX 15:8 and 16 and RCX as its answer. `length` is that of the instruction.
 */
export function executeByRegisters(
  p: Platform,
  core: number,
  name: RmpEvent,
  registers: Registers,
  length: number,
): Outcome<Registers> {
  const { rax, rcx, rdx } = registers;
  const gva = Number(rax);
  const large = bits(rcx, 0) === 1;
  const target = bits(rdx, 0, 8);
  if (name === 'PVALIDATE') {
    const ended = executePvalidate(p, core, { gva, large, validated: bits(rdx, 0) === 1 });
    return ended.ok ? ok(answered(registers, length, ended.value.eax, { carry: ended.value.carry })) : ended;
  }
  if (name === 'RMPADJUST') {
    const wanted = { permissions: bits(rdx, 8, 8), vmsa: bits(rdx, 16) === 1 };
    const ended = executeRmpadjust(p, core, { gva, large, target, ...wanted });
    return ended.ok ? ok(answered(registers, length, ended.value.eax)) : ended;
  }
  const ended = executeRmpquery(p, core, { gva, target });
  if (!ended.ok) return ended;
  const { eax, found } = ended.value;
  if (!found) return ok(answered(registers, length, eax));
  const shown = BigInt(target | (found.permissions << 8) | (Number(found.vmsa) << 16));
  return ok(answered(registers, length, eax, { rdx: shown, rcx: BigInt(found.large) }));
}
