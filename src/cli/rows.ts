import { parseArgs } from 'node:util';
import { SCENARIO_IDS } from '../scenario/library';
import { ROWS } from '../scenario/rows';
import { type Command, EXIT_OK } from './command';
import { play } from './play';
import { readScenario } from './scenarios';

/** One row of the talk: whether every scenario that claims it meets all its expectations; a row nobody claims does not work. */
interface RowReport {
  readonly row: string;
  readonly works: boolean;
  readonly scenarios: readonly string[];
}

/** Plays the whole library and says which rows of the talk work. */
export const rows: Command = {
  name: 'rows',
  usage: '[--json]',
  summary:
    'Play every built-in scenario and say which rows of the talk work; with --json as a JSON list, a row a line.',
  run(args, output) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
    const reports = rowReports();
    if (values.json) output.line(`[\n${reports.map((report) => JSON.stringify(report)).join(',\n')}\n]`);
    else for (const report of reports) output.line(inWords(report));
    return EXIT_OK;
  },
};

const SAYS = new Map<string, string>(ROWS.map(({ row, says }) => [row, says]));

function inWords({ row, works, scenarios }: RowReport): string {
  const by = scenarios.length > 0 ? `  (${scenarios.join(', ')})` : '';
  return `${row.padEnd(7)} ${works ? 'works' : '-    '}  ${SAYS.get(row)}${by}`;
}

function rowReports(): RowReport[] {
  const played = SCENARIO_IDS.map((id) => {
    const scenario = readScenario(id);
    const failures = [...play({ scenario, other: {} })].flatMap((report) => report.failures);
    return { id, rows: scenario.rows as readonly string[], good: failures.length === 0 };
  });
  return ROWS.map(({ row }) => {
    const claims = played.filter((each) => each.rows.includes(row));
    return {
      row,
      works: claims.length > 0 && claims.every(({ good }) => good),
      scenarios: claims.map(({ id }) => id),
    };
  });
}
