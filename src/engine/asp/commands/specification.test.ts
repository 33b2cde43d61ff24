import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bufferSize, type CommandName, LAYOUTS } from '../layouts';
import { STATUS } from '../status';
import { COMMANDS } from '.';

interface Specified {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly bufferSize: number;
  readonly bufferWriteback: boolean;
  readonly firmwareStateRequiredForBuffer: boolean;
  readonly writebackOnInvalidLength: boolean;
  readonly parameters: readonly { readonly name: string; readonly offset: number; readonly size: number }[];
  readonly checks: readonly { readonly condition: string; readonly error: string }[];
}

const path = fileURLToPath(new URL('../../../../../shared/vectors/asp-commands.json', import.meta.url));
const there = existsSync(path);
const file = there
  ? (JSON.parse(readFileSync(path, 'utf8')) as {
      commands: Specified[];
      statusCodes: { name: string; value: number }[];
    })
  : { commands: [], statusCodes: [] };
const { commands } = file;

/** Errors that the firmware hands on from deep inside, under whatever name. */
const INTERNAL = /^(propagated|ERR_)/;

/**
 * DOWNLOAD_FIRMWARE: what the boot loader may find is one check of the simulator, which has no signed images.
 */
const BOOT_LOADER = /^boot loader/;

/** Are the statuses of the specification among ours, in its order? Ours may have more: conditions that it lumps together. */
function missing(specified: readonly string[], own: readonly string[]): string[] {
  const left = [...own];
  return specified.filter((error) => {
    const at = left.indexOf(error);
    if (at >= 0) left.splice(0, at + 1);
    return at < 0;
  });
}

describe.skipIf(!there)('the table of commands (skipped where the shared vectors are absent)', () => {
  it('has every command and no other', () => {
    expect(Object.keys(COMMANDS).sort()).toEqual(commands.map(({ name }) => name).sort());
  });

  it('has every status that the firmware knows', () => {
    for (const { name, value } of file.statusCodes)
      expect(STATUS[name as keyof typeof STATUS]?.value, name).toBe(value);
  });

  describe.each(commands)('$name', (specified) => {
    const name = specified.name as CommandName;
    const own = COMMANDS[name];

    it('has its number, its buffer and what is written back', () => {
      expect(own.id).toBe(Number(specified.id));
      expect(bufferSize(name)).toBe(specified.bufferSize);
      const fields = LAYOUTS[name].map(({ offset, size }) => ({ offset, size }));
      expect(fields).toEqual(specified.parameters.map(({ offset, size }) => ({ offset, size })));
      expect(own.writes === 'buffer and lengths').toBe(specified.writebackOnInvalidLength);
      expect(own.writes !== 'nothing').toBe(specified.bufferWriteback);
      const guarded = own.writes !== 'nothing' && !('unguarded' in own && own.unguarded);
      expect(guarded).toBe(specified.firmwareStateRequiredForBuffer);
    });

    it('tests in the order of the specification', () => {
      const errors = specified.checks
        .filter(({ condition, error }) => !INTERNAL.test(error) && !BOOT_LOADER.test(condition))
        .map(({ error }) => error);
      expect(
        missing(
          errors,
          own.checks.map(({ status }) => status),
        ),
      ).toEqual([]);
    });
  });
});
