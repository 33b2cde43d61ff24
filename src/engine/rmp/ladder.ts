import type { MachineConfig } from '../core/config';
import type { Rule } from '../core/fault';
import type { JsonObject } from '../core/json';
import type { RmpAccess } from './access';
import { firstFailed, type RmpEnd, rowOf } from './check';
import type { RmpEntry } from './entry';

/** One check as a person reads it. */
export interface Rung {
  readonly name: string;
  readonly rule: Rule;
  readonly inputs: JsonObject;
  readonly holds: boolean;
  /** It is the first that fails: hardware stops here. */
  readonly decides: boolean;
  /** What happens when it fails. */
  readonly raises: RmpEnd;
}

export interface Ladder {
  /** The row of the manual’s table that the access falls under. */
  readonly row: { readonly id: string; readonly rule: Rule };
  /** Every check of the row in order, also those behind the one that decides; none where nothing is checked. */
  readonly rungs: readonly Rung[];
  readonly end: 'allowed' | RmpEnd;
}

/** Every check of an access with what it looked at, but for the one that the machine lacks. */
export function ladder(
  entry: RmpEntry | null,
  access: RmpAccess,
  without?: MachineConfig['without'],
): Ladder {
  const { id, rule, steps } = rowOf(access);
  const failed = firstFailed(steps, without, entry, access);
  return {
    row: { id, rule },
    rungs: steps
      .filter(({ check }) => check.rule.id !== without)
      .map((step) => ({
        name: step.check.name,
        rule: step.check.rule,
        inputs: step.check.inputs(entry, access),
        holds: step.check.holds(entry, access),
        decides: step === failed,
        raises: step.raises,
      })),
    end: failed?.raises ?? 'allowed',
  };
}
