import type { JsonObject } from './json';

/** A rule of hardware, firmware or software that the engine enforces, with the place where it is written down. */
export interface Rule {
  /** Stable name, for example `sev.vmrun.asid`. */
  readonly id: string;
  /** The rule in one sentence. */
  readonly says: string;
  /** Where it is stated, for example `APM vol. 2 §15.34.3`. */
  readonly source: string;
  /** `modelled`: the industry does not publish this; the simulator chose it and says so on screen. */
  readonly standing: 'published' | 'modelled';
}

/**
 * A refusal, as data: which rule refused, on which inputs, and what would have had to be different.
 * `name` is what the field calls the event: `#PF`, `#NPF`, `#GP`, `#UD`, `VMEXIT_INVALID`, or `refused` for software.
 */
export interface Fault {
  readonly name: string;
  readonly rule: Rule;
  /** One plain sentence with the concrete values. */
  readonly message: string;
  readonly inputs: JsonObject;
  /** What would have had to be different for it to go through. */
  readonly remedy: string;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: Fault };

export const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
export const DONE: Outcome<null> = ok(null);

export const refuse = (
  rule: Rule,
  name: string,
  message: string,
  inputs: JsonObject,
  remedy: string,
): { readonly ok: false; readonly fault: Fault } => ({
  ok: false,
  fault: { name, rule, message, inputs, remedy },
});
