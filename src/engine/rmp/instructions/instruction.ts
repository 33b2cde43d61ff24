import { type Fault, type Outcome, ok, type Rule, refuse } from '../../core/fault';
import type { JsonObject } from '../../core/json';
import type { Platform } from '../../core/platform';

/** What the instructions of SNP put into EAX (Linux arch/x86/include/asm/sev.h; MicrosoftDocs cpp-docs docs/intrinsics). */
export const CODES = {
  SUCCESS: 0,
  FAIL_INPUT: 1,
  FAIL_PERMISSION: 2,
  FAIL_INUSE: 3,
  FAIL_OVERLAP: 4,
  FAIL_SIZEMISMATCH: 6,
  FAIL_BADADDR: 7,
} as const;
export type Code = keyof typeof CODES;

/** How an instruction ends: with a code, or with a fault. */
export interface Ended {
  readonly code: Code;
  readonly eax: number;
  /** The check that decided on a code other than SUCCESS. */
  readonly decided?: { readonly rule: Rule; readonly remedy: string };
}

/** One thing that an instruction tests before it does anything, in the order of its list. */
export interface InstructionCheck<S> {
  readonly rule: Rule;
  /** What it ends with where the check refuses. */
  readonly ends: Code | '#UD' | '#GP' | '#PF' | '#NPF' | '#VC';
  /** Does it refuse? A fault of a part of the machine is handed on. */
  readonly refuses: (situation: S) => boolean | Fault;
  readonly remedy: string;
}

/** Where an operand or a result stands: bits of a register, or all of it. */
export interface RegisterField {
  readonly register: 'RAX' | 'RCX' | 'RDX' | 'CF';
  readonly lsb: number;
  readonly width: number;
}

const WIDTH = 64;
export const whole = (register: RegisterField['register'], width = WIDTH): RegisterField => ({
  register,
  lsb: 0,
  width,
});
export const bits = (register: RegisterField['register'], lsb: number, width = 1): RegisterField => ({
  register,
  lsb,
  width,
});

/** What every instruction leaves: its code in EAX. */
export const EAX = { code: whole('RAX', 32) } as const;

export interface Instruction<S, T extends Ended> {
  readonly name: string;
  /** Bytes of the opcode, hexadecimal. */
  readonly opcode: string;
  /** Operands and results, each with its place. */
  readonly takes: Readonly<Record<string, RegisterField>>;
  readonly gives: Readonly<Record<string, RegisterField>>;
  readonly checks: readonly InstructionCheck<S>[];
  /** What it does when no check refuses, and what it leaves in registers. */
  readonly run: (situation: S) => T;
  /** What a code other than SUCCESS leaves in registers beside EAX. */
  readonly failed: (ended: Ended) => T;
  /** What its span shows as its result. */
  readonly shows: (ended: T) => JsonObject;
}

const isFault = (ends: string): boolean => ends.startsWith('#');

/**
 * Carries an instruction out: a span in which one fact says which of how many checks decided (null: none). A code is a
 * result, not a refusal; faults are refusals.
 */
export function carryOut<S, T extends Ended>(
  p: Platform,
  actor: string,
  { name, checks, run, failed, shows }: Instruction<S, T>,
  args: JsonObject,
  situation: S,
): Outcome<T> {
  return p.trace.span(
    'core',
    actor,
    name,
    args,
    () => {
      for (const [i, check] of checks.entries()) {
        const found = check.refuses(situation);
        if (found === false) continue;
        const { rule, ends } = check;
        const end = found === true ? ends : found.name;
        p.trace.fact('check', { instruction: name, check: rule.id, at: i + 1, of: checks.length, end }, rule);
        if (found !== true) return p.trace.refused({ ok: false, fault: found });
        if (!isFault(ends))
          return ok(failed({ ...endedWith(ends as Code), decided: { rule, remedy: check.remedy } }));
        const message = `${name} raises ${ends}. ${rule.says}`;
        return p.trace.refused(refuse(rule, ends, message, args, check.remedy));
      }
      const done = run(situation);
      p.trace.fact('check', { instruction: name, at: null, of: checks.length, end: done.code });
      return ok(done);
    },
    shows,
  );
}

/** What the first check that refuses makes of an instruction, without a trace; null: none does. */
export function decide<S, T extends Ended>(
  { name, checks, failed }: Instruction<S, T>,
  situation: S,
): Outcome<T> | null {
  for (const { refuses, rule, ends, remedy } of checks) {
    const found = refuses(situation);
    if (found === false) continue;
    if (found !== true) return { ok: false, fault: found };
    if (isFault(ends)) return refuse(rule, ends, `${name} raises ${ends}. ${rule.says}`, {}, remedy);
    return ok(failed({ ...endedWith(ends as Code), decided: { rule, remedy } }));
  }
  return null;
}

export const endedWith = (code: Code): Ended => ({ code, eax: CODES[code] });
