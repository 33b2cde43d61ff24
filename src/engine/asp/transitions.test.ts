import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from './commands';
import type { CommandName } from './layouts';
import {
  ACTIVATION_MACHINE,
  GUEST_MACHINE,
  PLATFORM_MACHINE,
  SNP_PLATFORM_MACHINE,
  type StateMachine,
} from './transitions';

/** `from > to: command`, one for each way of one command. */
const ways = ({ transitions }: Pick<StateMachine, 'transitions'>): string[] =>
  transitions.flatMap(({ from, to, by }) => by.map((name) => `${from} > ${to}: ${name}`)).sort();

const MACHINES = { PLATFORM_MACHINE, GUEST_MACHINE, ACTIVATION_MACHINE, SNP_PLATFORM_MACHINE };

it.each(Object.entries(MACHINES))('%s: every state is known, no way stands there twice', (_, machine) => {
  for (const { from, to } of machine.transitions)
    expect(machine.states as readonly string[]).toEqual(expect.arrayContaining([from, to]));
  expect(new Set(ways(machine)).size).toBe(ways(machine).length);
});

/** States that a check of the command names, from its id: `asp.guest-lupdate`. Null: it names none. */
function statesOf(name: string, kind: 'guest' | 'platform', known: readonly string[]): string[] | null {
  for (const { id } of COMMANDS[name as CommandName].checks) {
    const named = id.startsWith(`asp.${kind}-`)
      ? id.slice(`asp.${kind}-`.length).toUpperCase().split('-')
      : [];
    if (named.length > 0 && named.every((state) => known.includes(state))) return named;
  }
  return null;
}

describe('the commands test what the tables say', () => {
  it('guests', () => {
    for (const { from, by } of GUEST_MACHINE.transitions)
      for (const name of by) {
        const states = statesOf(name, 'guest', GUEST_MACHINE.states);
        if (states) expect(states, name).toContain(from);
      }
  });

  it('platform', () => {
    for (const { from, by } of PLATFORM_MACHINE.transitions)
      for (const name of by) {
        const states = statesOf(name, 'platform', PLATFORM_MACHINE.states);
        if (states) expect(states, name).toContain(from);
      }
  });
});

const vectors = fileURLToPath(new URL('../../../../shared/vectors/asp-commands.json', import.meta.url));

interface VectorMachine {
  readonly transitions: readonly {
    readonly from: string;
    readonly to: string;
    readonly by: string | readonly string[];
  }[];
  readonly selfLoops?: Readonly<Record<string, readonly string[]>>;
}

describe.skipIf(!existsSync(vectors))(
  'asp-commands.json (skipped where the shared vectors are absent)',
  () => {
    const { platformStates, guestStates } = existsSync(vectors)
      ? (JSON.parse(readFileSync(vectors, 'utf8')) as Record<string, Record<string, VectorMachine>>)
      : {};
    const vectorWays = (machine: VectorMachine | undefined): string[] => {
      const moves = (machine?.transitions ?? []).map(({ from, to, by }) => ({ from, to, by: [by].flat() }));
      const loops = Object.entries(machine?.selfLoops ?? {}).map(([state, by]) => ({
        from: state,
        to: state,
        by,
      }));
      return ways({ transitions: [...moves, ...loops] });
    };

    it('has the same ways', () => {
      expect(ways(PLATFORM_MACHINE)).toEqual(vectorWays(platformStates?.sev));
      expect(ways(SNP_PLATFORM_MACHINE)).toEqual(vectorWays(platformStates?.snp));
      expect(ways(GUEST_MACHINE)).toEqual(vectorWays(guestStates?.sev));
    });
  },
);
