import type { Call } from './call';
import type { CommandName } from './layouts';
import type { StatusName } from './status';

/**
 * One thing that the firmware tests before it carries a command out: when it holds, the command ends there. Tested in the
 * order of the list.
 */
export interface Check {
  readonly id: string;
  /** The condition, in words. */
  readonly says: string;
  /** With SUCCESS the command ends there and has done nothing. */
  readonly status: StatusName;
  readonly source: string;
  /** Nobody publishes it; the simulator chose. */
  readonly standing?: 'modelled';
  /** True, or a more exact status than the usual one. */
  readonly holds: (call: Call) => boolean | StatusName;
  /** What happens although the command is refused: needed lengths that are written back, a storage that is erased. */
  readonly refusing?: (call: Call) => void;
}

/** A command of the firmware, as it can be read beside its specification. */
export interface CommandDefinition {
  readonly id: number;
  readonly name: CommandName;
  readonly purpose: string;
  readonly source: string;
  /** The buffer is written back on success, and with `lengths` also on INVALID_LENGTH. */
  readonly writes: 'nothing' | 'buffer' | 'buffer and lengths';
  /**
   * With SNP the buffer of a command that writes it must be a firmware page, unless the firmware forgets to look
   * (ATTESTATION).
   */
  readonly unguarded?: true;
  /** PLATFORM_STATUS does not read its buffer. */
  readonly readsNothing?: true;
  /** Done before the first check, whatever they say. */
  readonly first?: (call: Call) => void;
  readonly checks: readonly Check[];
  readonly run: (call: Call) => void;
}

export const command = (definition: CommandDefinition): CommandDefinition => definition;
