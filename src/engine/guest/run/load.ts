import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { ProgramCell } from '../../core/guestCells';
import type { Platform } from '../../core/platform';
import { assemble } from '../../cpu/isa/assemble';
import { setRegisters } from '../../cpu/vmrun';
import { enterGuest } from '../../xen/domain';
import { LAPIC_BASE } from '../../xen/exits/apic';
import { allocate } from '../allocate';
import { mapDevice } from '../mapping';
import { coreOf, type Vcpu, vcpuAccess } from '../memory';

export const PROGRAM_RULES = {
  text: {
    id: 'guest.program-text',
    says: 'A program is lines of assembly for this guest CPU: a selection of x86-64 in the syntax of Intel.',
    source: 'APM vol. 3; this simulator’s assembler',
    standing: 'modelled',
  },
  none: {
    id: 'guest.no-program',
    says: 'A program has to be loaded before it can run.',
    source: 'this simulator',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** HLT: what stands behind a program, so that one that runs off its end stops. */
const HLT = 0xf4;
const POINTER = 8;

/**
 * Assembles a program into fresh private pages of its guest, maps the local APIC for it, and lets a vCPU stand at its first
 * instruction with a stack behind it.
 */
export function loadProgram(p: Platform, vcpu: Vcpu, text: string, name: string): Outcome<ProgramCell> {
  const { domain } = vcpu;
  const first = assemble(text, BigInt(GUEST_BASE));
  if (!first.ok) {
    const [error] = first.errors;
    const { line = 0, column = 0, message = '' } = error ?? {};
    const inputs = { line, column, errors: first.errors.map((each) => ({ ...each })) };
    const where = `Line ${line}, column ${column}: ${message}`;
    return refuse(PROGRAM_RULES.text, 'refused', where, inputs, 'Mend the program at this place.');
  }
  const codePages = Math.floor(first.code.length / PAGE_SIZE) + 1;
  const length = (codePages + 1) * PAGE_SIZE;
  const mapping = enterGuest(p, domain);
  if (!mapping.ok) return mapping;
  const device = mapDevice(p, domain, LAPIC_BASE);
  if (!device.ok) return device;
  const place = allocate(p, domain, { name, kind: 'code', length });
  if (!place.ok) return place;
  const final = assemble(text, BigInt(place.value));
  if (!final.ok) throw new Error('a program assembles anywhere or nowhere');
  const pages = new Uint8Array(length);
  pages.fill(HLT, 0, codePages * PAGE_SIZE);
  pages.set(final.code);
  const top = place.value + length - POINTER;
  const behind = place.value + final.code.length;
  new DataView(pages.buffer).setBigUint64(length - POINTER, BigInt(behind), true);
  const written = vcpuAccess(p, { domain, vcpu: 0 }, 'write', place.value, length, pages, true);
  if (!written.ok) return written;
  const entered = enterGuest(p, domain, coreOf(p, vcpu), vcpu.vcpu);
  if (!entered.ok) return entered;
  setRegisters(p, coreOf(p, vcpu), { rip: BigInt(place.value), rsp: BigInt(top) });
  const program: ProgramCell = {
    name,
    text,
    address: place.value,
    length: final.code.length,
    lines: final.lines.map(({ line, offset, length: bytes }) => ({ line, offset, length: bytes })),
    breaks: [],
  };
  p.trace.patch('guest', domain.id, { program });
  return ok(program);
}
