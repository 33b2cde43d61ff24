import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../engine/asp/commands';
import type { CommandName } from '../../../engine/asp/layouts';
import { STATUS } from '../../../engine/asp/status';
import type { Step } from '../format';
import type { Lab } from '../lab';
import { Run } from '../replay';

type P = NonNullable<Step['p']>;

/** A command, or something that the host does, with its parameters as traces write them. */
export type Deed = string | readonly [cmd: string, p: P];

/** Before, parameters, and the check that decides (null: it succeeds), with the status when it is a finer one. */
export type Case = readonly [before: readonly Deed[], p: P, check: string | null, status?: string];

const statusNumber = (name: string): number => STATUS[name as keyof typeof STATUS].value;

/** Runs a command after others; answers with its status and the check that decided. */
function outcome(
  lab: Lab,
  before: readonly Deed[],
  cmd: string,
  p: P,
): { status: number; check: string | null } {
  const run = new Run(lab);
  for (const deed of before) {
    const [name, given] = typeof deed === 'string' ? [deed, {}] : deed;
    const reply = run.perform({ cmd: name, p: given });
    const done = 'status' in reply ? reply.status === 0 : reply.host === 'OK';
    if (!done) throw new Error(`${name} ${JSON.stringify(given)}: ${lab.decided().check}`);
  }
  const reply = run.perform({ cmd, p });
  if (!('status' in reply)) throw new Error(`${cmd} is no command`);
  return { status: reply.status, check: lab.decided().check };
}

/**
 * Holds a table of cases against the commands: each ends at the check that it names, and every check is reached by a case,
 * except those with a reason.
 */
export function describeCases(
  lab: Lab,
  cases: { readonly [N in CommandName]?: readonly Case[] },
  unreached: Readonly<Record<string, string>>,
): void {
  const start = lab.mark;
  describe('every check of every command', () => {
    for (const [name, list] of Object.entries(cases)) {
      const { checks } = COMMANDS[name as CommandName];
      describe(name, () => {
        it.each(list.map((each) => ({ each })))('%#', ({ each: [before, p, check, status] }) => {
          lab.backTo(start);
          const got = outcome(lab, before, name, p);
          expect({ check: got.check, p }).toEqual({ check, p });
          const expected = checks.find(({ id }) => id === check)?.status ?? 'SUCCESS';
          if (status !== 'ERR_INTERNAL') expect(got.status).toBe(statusNumber(status ?? expected));
        });

        it('reaches each', () => {
          const reached = new Set(list.map(([, , check]) => check));
          const open = checks.filter(
            ({ id, says }) => !reached.has(id) && !says.includes('never so') && !(id in unreached),
          );
          expect(open.map(({ id }) => id)).toEqual([]);
        });
      });
    }
  });
}
