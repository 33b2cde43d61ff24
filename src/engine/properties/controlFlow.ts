import { bytesEqual } from '../core/bytes';
import type { Change, FactChange } from '../core/change';
import { OWNER_GUEST } from '../core/page';
import { GPRS, type Gpr, PLACE_REGISTERS } from '../core/registers';
import { capital } from '../core/words';
import { EVENT_TYPES } from '../cpu/eventInj';
import { EXIT, exitName, VECTORS } from '../cpu/exits';
import { Knowledge } from './knowledge';
import {
  believedBy,
  forgottenBy,
  type Monitor,
  type Observation,
  observationOf,
  type Violation,
} from './observation';

/**
 * Registers in which the hypervisor answers an exit of a guest whose registers it holds. RIP may go on behind the
 * instruction. A nested page fault is answered in the register that the instruction names: any but the stack’s.
 */
const ANSWERS: Readonly<Record<number, readonly Gpr[]>> = {
  [EXIT.CPUID]: ['rax', 'rbx', 'rcx', 'rdx'],
  [EXIT.MSR]: ['rax', 'rdx'],
  [EXIT.IOIO]: ['rax', 'rcx', 'rsi', 'rdi'],
  [EXIT.RDPMC]: ['rax', 'rdx'],
  [EXIT.RDTSCP]: ['rax', 'rdx', 'rcx'],
  [EXIT.RDTSC]: ['rax', 'rdx'],
  [EXIT.VMMCALL]: ['rax'],
  [EXIT.NPF]: GPRS.filter((name) => name !== 'rsp'),
};

/** Opcode of a near return (APM vol. 3 RET). */
const RET = 0xc3;

/** Where a vCPU stopped. */
interface Left {
  readonly registers: Uint8Array;
  readonly code: number;
  readonly next: string | null;
  readonly es: boolean;
}

/** An event that VMRUN has delivered. */
interface Delivered {
  readonly vector: number;
  /** The registers with which the vCPU was entered; null: not entered yet. */
  readonly before: Uint8Array | null;
}

/**
 * Control flow: *a guest runs the instructions that it put there, from where it stopped, with the registers that it had.*
 *
 * Broken by the first fetch of bytes that the guest did not write at that place; and by the first VMRUN of a vCPU with other
 * registers than it had at its last #VMEXIT, but for those in which the hypervisor answers that exit and RIP behind the instruction.
 * With SEV-ES nothing may differ: answers come through the GHCB, and the guest itself takes them. A vCPU is its VMSA there, whichever
 * VMCB points to it.
 *
 * Broken, too, when RSP moves otherwise than the instruction that retires asks for, and by a return (RET) that takes another address
 * from the guest’s private stack than the guest has put there.
 *
 * Broken, too, by an event without a cause. An exception or a software interrupt that the VMCB asks for is an instruction’s doing,
 * and there was none unless the vCPU without SEV-ES left for one; #HV is the hypervisor’s to raise. An interrupt may come at any
 * time, and leaves the registers as they were when the kernel goes back.
 */
export class ControlFlow implements Monitor {
  readonly violations: Violation[] = [];
  private readonly written = new Map<number, Knowledge>();
  private readonly left = new Map<string, Left>();
  /** By SPA of the VMSA: the registers that an exit has sealed there. */
  private readonly sealed = new Map<number, Uint8Array>();
  private readonly delivered = new Map<string, Delivered>();
  private readonly names = new Map<number, string>();
  /** Guests that have fetched a return: what they read next is its address. */
  private readonly returning = new Set<number>();

  fold(change: Change, index: number): void {
    const gone = forgottenBy(change);
    if (gone) this.written.get(OWNER_GUEST + gone.domain)?.forget(gone.gpa, gone.length);
    if (change.store === 'fact' && change.what === 'note') this.note(change, index);
    const believed = believedBy(change);
    if (believed) this.memoryOf(OWNER_GUEST + believed.domain).write(believed.gpa, believed.bytes);
    const seen = observationOf(change);
    if (!seen || seen.principal < OWNER_GUEST) return;
    this.names.set(seen.principal, seen.actor);
    if (seen.gpa !== null) this.observe(seen, seen.gpa, index);
  }

  private observe(seen: Observation, gpa: number, index: number): void {
    const memory = this.memoryOf(seen.principal);
    if (seen.wrote) {
      memory.write(gpa, seen.bytes);
      return;
    }
    const returns = this.returning.delete(seen.principal);
    if (seen.fetched && seen.bytes[0] === RET) this.returning.add(seen.principal);
    if (memory.firstDifference(gpa, seen.bytes) < 0) return;
    const at = `0x${seen.address.toString(16)}`;
    const sentence = seen.fetched
      ? `ran at ${at} an instruction that it had not put there.`
      : returns && seen.private
        ? `returned to an address, taken from ${at}, that it had not put there.`
        : null;
    if (sentence) this.violations.push({ change: index, sentence: `${capital(seen.actor)} ${sentence}` });
  }

  private memoryOf(principal: number): Knowledge {
    const memory = this.written.get(principal) ?? new Knowledge();
    this.written.set(principal, memory);
    return memory;
  }

  private note(change: FactChange, index: number): void {
    const { data, bytes } = change;
    const key = `${data.domain}.${data.vcpu}.${data.vmpl}`;
    if (data.what === 'event') this.event(change, key, index);
    if (data.what === 'event handled') this.handled(change, key, index);
    if (data.what === 'stack pointer') this.stackPointer(change, index);
    if (!bytes || (data.what !== 'left' && data.what !== 'entered')) return;
    const event = this.delivered.get(key);
    if (event && data.what === 'entered' && !event.before)
      this.delivered.set(key, { ...event, before: bytes });
    if (data.what === 'left') {
      const next = typeof data.next === 'string' ? data.next : null;
      this.left.set(key, { registers: bytes, code: Number(data.code), next, es: data.es === true });
      if (typeof data.vmsa === 'number') this.sealed.set(data.vmsa, bytes);
      return;
    }
    const sealed = typeof data.vmsa === 'number' ? this.sealed.get(data.vmsa) : undefined;
    if (sealed && bytesEqual(sealed, bytes)) return;
    const left = this.left.get(key);
    const changed = left && changedRegister(left, bytes);
    if (!changed) return;
    this.violations.push({
      change: index,
      sentence: `${this.who(change)} goes on with another ${changed.toUpperCase()} than it had when it stopped for ${exitName(left.code)}.`,
    });
  }

  /** RSP moves by what the guest’s own instructions add to it, each when it retires. */
  private stackPointer(change: FactChange, index: number): void {
    const { by, due, moved } = change.data;
    if (due === moved) return;
    const sentence =
      typeof by === 'string'
        ? `${this.who(change)}’s ${by.toUpperCase()} moves RSP by ${Number(moved)} in place of ${Number(due)}.`
        : `${this.who(change)}’s RSP moves by ${Number(moved)}, and no instruction of it asks for that.`;
    this.violations.push({ change: index, sentence });
  }

  private readonly who = ({ data }: FactChange): string =>
    capital(this.names.get(OWNER_GUEST + Number(data.domain)) ?? 'a guest');

  private event(change: FactChange, key: string, index: number): void {
    const { vector, type, by } = change.data;
    this.delivered.delete(key);
    if (by === 'VMSA') return;
    if (!isInstructions(Number(type), Number(vector))) {
      this.delivered.set(key, { vector: Number(vector), before: null });
      return;
    }
    const left = this.left.get(key);
    if (left && !left.es && !OUTSIDE.includes(left.code)) return;
    this.violations.push({
      change: index,
      sentence: `${this.who(change)} got event ${Number(vector)}, which no instruction of it had raised.`,
    });
  }

  private handled(change: FactChange, key: string, index: number): void {
    const event = this.delivered.get(key);
    this.delivered.delete(key);
    const now = change.bytes;
    if (!event?.before || !now) return;
    const differs = event.before.findIndex((byte, i) => byte !== now[i]);
    if (differs < 0) return;
    const name = PLACE_REGISTERS[Math.floor(differs / 8)] ?? 'rip';
    this.violations.push({
      change: index,
      sentence: `${this.who(change)} comes back from interrupt ${event.vector} with another ${name.toUpperCase()}.`,
    });
  }
}

/** Exits that no instruction of the guest causes. */
const OUTSIDE: readonly number[] = [EXIT.INTR, EXIT.NMI, EXIT.SMI, EXIT.INIT, EXIT.VINTR];

/** Does this event come only from an instruction of the guest’s own? */
const isInstructions = (type: number, vector: number): boolean =>
  type === EVENT_TYPES.software || (type === EVENT_TYPES.exception && vector !== VECTORS.HV);

/**
 * Does RIP stand behind the instruction of the exit? Without a next RIP, as on a nested page fault, an emulator finds that out:
 * no instruction has more than 15 bytes (APM vol. 3 §1.1).
 */
const isBehind = (distance: bigint, rip: bigint, { code, next }: Pick<Left, 'code' | 'next'>): boolean =>
  next === null ? code === EXIT.NPF && distance > 0n && distance <= 15n : rip.toString(16) === next;

/** The first register that nobody may have changed, and that is changed. */
function changedRegister({ registers, code, next, es }: Left, now: Uint8Array): string | null {
  const [before, after] = [registers, now].map((bytes) => new DataView(bytes.buffer, bytes.byteOffset));
  const answers: readonly string[] = es ? [] : (ANSWERS[code] ?? []);
  for (const [i, name] of PLACE_REGISTERS.entries()) {
    const value = after!.getBigUint64(i * 8, true);
    if (value === before!.getBigUint64(i * 8, true) || answers.includes(name)) continue;
    if (name === 'rip' && !es && isBehind(value - before!.getBigUint64(i * 8, true), value, { code, next }))
      continue;
    return name;
  }
  return null;
}
