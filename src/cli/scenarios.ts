import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TECHNOLOGIES, type Technology } from '../engine/core/config';
import { MITIGATED } from '../lab/levels';
import { ATTACK_IDS } from '../scenario/attacks';
import { isBuiltIn } from '../scenario/builtIn';
import { SCENARIO_IDS } from '../scenario/library';
import type { Other } from '../scenario/machine';
import { parseScenario } from '../scenario/parse';
import type { Scenario } from '../scenario/schema';
import { mitigationOf } from '../scenario/variant';
import { printable, Refusal, UsageError } from './command';
import { readText } from './input';

/** What `run` and `digest` are called with. */
export interface RunArgs {
  readonly name: string;
  readonly scenario: Scenario;
  readonly other: Other;
  readonly json: boolean;
}

const MOST_SEED = 2 ** 32 - 1;

/** Reads the arguments of a command that plays one scenario. @throws UsageError, Refusal */
export function runArgs(args: readonly string[]): RunArgs {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      tech: { type: 'string' },
      with: { type: 'string' },
      seed: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const [name, ...more] = positionals;
  if (name === undefined) throw new UsageError('No scenario was named.');
  if (more.length > 0)
    throw new UsageError(`One scenario at a time: ${name}, and not ${more.join(', ')} as well.`);
  const scenario = readScenario(name);
  const other = {
    ...(values.with === undefined ? {} : { technology: MITIGATED }),
    ...(values.tech === undefined ? {} : { technology: technologyOf(values.tech) }),
    ...(values.seed === undefined ? {} : { seed: seedOf(values.seed) }),
    ...(values.with === undefined ? {} : { mitigation: knownMitigation(scenario, values.with) }),
  };
  return { name, scenario, other, json: values.json ?? false };
}

function technologyOf(text: string): Technology {
  const found = TECHNOLOGIES.find((technology) => technology === text);
  if (!found)
    throw new UsageError(`There is no technology "${text}" here; there are ${TECHNOLOGIES.join(', ')}.`);
  return found;
}

function seedOf(text: string): number {
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(seed <= MOST_SEED))
    throw new UsageError(`A seed is a whole number from 0 to ${MOST_SEED}, not "${text}".`);
  return seed;
}

function knownMitigation(scenario: Scenario, name: string): string {
  if (mitigationOf(scenario, name)) return name;
  const known = scenario.attack?.mitigations?.map(({ id }) => id) ?? [];
  const there = known.length > 0 ? `there are ${known.join(', ')}` : 'there are none';
  throw new UsageError(`There is no mitigation "${printable(name)}" of this scenario; ${there}.`);
}

/** A scenario from a file, or a built-in one by its id. @throws Refusal with the place of the mistake */
export function readScenario(name: string): Scenario {
  const attack = ATTACK_IDS.includes(name);
  const builtIn = isBuiltIn(name);
  if (!builtIn && !/[./\\]/.test(name) && !existsSync(name)) {
    const known = SCENARIO_IDS.join(', ');
    throw new Refusal(`${printable(name)}: neither a file nor one of the built-in scenarios: ${known}.`);
  }
  const library = new URL(attack ? '../scenario/attacks/' : '../scenario/library/', import.meta.url);
  const path = builtIn ? fileURLToPath(new URL(`${name}.scenario.yaml`, library)) : name;
  const parsed = parseScenario(readText(path), name);
  if (parsed.ok) return parsed.scenario;
  const { line, column, reason } = parsed.refusal;
  throw new Refusal(printable(`${name}: line ${line}, column ${column}: ${reason}`));
}
