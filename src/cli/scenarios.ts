import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TECHNOLOGIES, type Technology } from '../engine/core/config';
import { ATTACK_IDS } from '../scenario/attacks';
import { SCENARIO_IDS } from '../scenario/library';
import { parseScenario } from '../scenario/parse';
import type { Scenario } from '../scenario/schema';
import { printable, Refusal, UsageError } from './command';
import { readText } from './input';

/** What `run` and `digest` are called with. */
export interface RunArgs {
  readonly name: string;
  readonly scenario: Scenario;
  readonly other: { readonly technology?: Technology; readonly seed?: number };
  readonly json: boolean;
}

const MOST_SEED = 2 ** 32 - 1;

/** Reads the arguments of a command that plays one scenario. @throws UsageError, Refusal */
export function runArgs(args: readonly string[]): RunArgs {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { tech: { type: 'string' }, seed: { type: 'string' }, json: { type: 'boolean' } },
  });
  const [name, ...more] = positionals;
  if (name === undefined) throw new UsageError('No scenario was named.');
  if (more.length > 0)
    throw new UsageError(`One scenario at a time: ${name}, and not ${more.join(', ')} as well.`);
  const other = {
    ...(values.tech === undefined ? {} : { technology: technologyOf(values.tech) }),
    ...(values.seed === undefined ? {} : { seed: seedOf(values.seed) }),
  };
  return { name, scenario: readScenario(name), other, json: values.json ?? false };
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

/** A scenario from a file, or a built-in one by its id. @throws Refusal with the place of the mistake */
export function readScenario(name: string): Scenario {
  const attack = ATTACK_IDS.includes(name);
  const builtIn = attack || SCENARIO_IDS.includes(name);
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
