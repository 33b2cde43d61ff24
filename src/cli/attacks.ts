import { parseArgs } from 'node:util';
import type { Attempt } from '../lab/attempt';
import { compute, plan } from '../lab/matrix';
import { ATTACK_IDS } from '../scenario/attacks';
import { type Command, EXIT_OK, UsageError } from './command';
import { readScenario } from './scenarios';

type Cell = Pick<Attempt, 'outcome' | 'check' | 'step'>;

/** One row of the matrix: an attack, and what it came to on each level and with each switch. */
interface Row {
  readonly id: string;
  readonly tier: number;
  readonly outcomes: { readonly [level: string]: Cell | Readonly<Record<string, Cell>> };
}

const MITIGATED = 'SEV-SNP+mitigation';

/** Computes the matrix of attacks and technologies by playing every attack on each. */
export const attacks: Command = {
  name: 'attacks',
  usage: '[ID…] [--json]',
  summary:
    'Play every attack, or those named, on each technology and with each mitigation, and say what it came to; with --json as a JSON list, a row a line.',
  run(args, output) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    });
    const unknown = positionals.find((id) => !ATTACK_IDS.includes(id));
    if (unknown !== undefined)
      throw new UsageError(`There is no attack "${unknown}"; there are ${ATTACK_IDS.join(', ')}.`);
    const ids = positionals.length > 0 ? positionals : ATTACK_IDS;
    const rows = ids.map(row);
    if (values.json) output.line(`[\n${rows.map((each) => JSON.stringify(each)).join(',\n')}\n]`);
    else for (const each of rows) output.line(inWords(each));
    return EXIT_OK;
  },
};

function row(id: string): Row {
  const scenario = readScenario(id);
  const levels: Record<string, Cell> = {};
  const mitigated: Record<string, Cell> = {};
  for (const cell of plan(id, scenario)) {
    const { outcome, check, step } = compute(scenario, cell);
    (cell.variant.mitigation === null ? levels : mitigated)[cell.column] = { outcome, check, step };
  }
  return { id, tier: scenario.attack?.tier ?? 0, outcomes: { ...levels, [MITIGATED]: mitigated } };
}

function inWords({ id, outcomes }: Row): string {
  const { [MITIGATED]: mitigated, ...levels } = outcomes;
  const told = [...Object.entries(levels), ...Object.entries(mitigated ?? {})].map(([name, cell]) => {
    const { outcome, check } = cell as Cell;
    return `${name} ${outcome}${check ? ` (${check})` : ''}`;
  });
  return `${id.padEnd(30)} ${told.join(', ')}`;
}
