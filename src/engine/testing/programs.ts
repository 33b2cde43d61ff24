import type { PartialConfig } from '../config';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import type { Outcome } from '../core/fault';
import type { Json } from '../core/json';
import { type Registers, unpackRegisters } from '../core/registers';
import { asData, Bench } from './bench';

/** Alice has SEV-ES, Bob only SEV, and both run programs. */
export type Kind = 'alice' | 'bob';
export const KINDS = ['alice', 'bob'] as const;

/** A machine with SEV-ES and these guests on it, a MiB each unless `extra` says otherwise. */
export function withGuests(guests: readonly Kind[], extra = '', part: PartialConfig = {}): Bench {
  const bench = new Bench({ technology: 'sev-es', ...part });
  for (const guest of guests)
    bench.done({ type: 'xl.create', config: `${guest}.cfg`, extra: `memory=1 ${extra}`.trim() });
  return bench;
}

/** Loads a program and lets it run until it ends or something is refused. */
export function run(bench: Bench, guest: string, text: string, vcpu = 0): Outcome<Json> {
  bench.done({ type: 'guest.program', guest, text, vcpu });
  return bench.perform({ type: 'guest.continue', guest, vcpu });
}

/** The same for a program that comes to its end. @throws Error when it does not. */
export function ran(bench: Bench, guest: string, text: string, vcpu = 0): Registers {
  const outcome = run(bench, guest, text, vcpu);
  if (!outcome.ok) throw new Error(outcome.fault.message);
  return registers(bench, guest, vcpu);
}

/** Why a program stopped: the rule that refused. @throws Error when it came to its end. */
export function stopped(bench: Bench, guest: string, text: string, vcpu = 0): string {
  const outcome = run(bench, guest, text, vcpu);
  if (outcome.ok) throw new Error('the program came to its end');
  return outcome.fault.rule.id;
}

/** What a vCPU would go on with: it enters its core if it is not there. */
export function registers(bench: Bench, guest: string, vcpu = 0): Registers {
  const core = bench.domain(guest).core + vcpu;
  bench.done({ type: 'xen.schedule', guest, vcpu, core });
  return coreRegisters(bench, core);
}

/** What a core holds now, the guest’s or the host’s. */
export function coreRegisters(bench: Bench, core: number): Registers {
  const cell = bench.state.cell('registers', core);
  if (!cell) throw new Error(`core ${core} has held nothing yet`);
  return unpackRegisters(cell);
}

/** GVA of a vCPU’s GHCB. */
export const ghcbOf = (bench: Bench, guest: string, vcpu = 0): number =>
  bench.state.need('guest', bench.domain(guest).id).ghcbs?.[vcpu] ?? 0;

/** Puts 64 bits into the GHCB MSR and leaves with VMGEXIT. */
export const leaving = (msr: bigint): string => `
  mov ecx, 0xc0010130
  mov eax, 0x${BigInt.asUintN(32, msr).toString(16)}
  mov edx, 0x${(msr >> 32n).toString(16)}
  wrmsr
  vmgexit
  hlt`;

/** Has Alice put a page into her GHCB and leave with it: what came of it, and the page as she then finds it. */
export function exchange(
  bench: Bench,
  page: Uint8Array,
): { readonly outcome: Outcome<Json>; readonly page: Uint8Array } {
  const at = ghcbOf(bench, 'alice');
  bench.done({ type: 'guest.write', guest: 'alice', at, data: asData(page) });
  const outcome = run(bench, 'alice', leaving(BigInt(at - GUEST_BASE)));
  return { outcome, page: bench.seen({ eye: 'host', c: 0 }, bench.spaOf('alice', at), PAGE_SIZE) };
}
