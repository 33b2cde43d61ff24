import type { CommandDefinition } from '../../../engine/asp/command';
import { COMMANDS } from '../../../engine/asp/commands';
import type { CommandName } from '../../../engine/asp/layouts';

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

const byName = new Map<string, CommandDefinition>(Object.entries(COMMANDS));

/** Null for a name that is no command's. */
export const commandByName = (name: string): CommandDefinition | null => byName.get(name) ?? null;
