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
    'Play every built-in scenario and say which rows of the talk work; with --json one JSON line a row.',
  run(args, output) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
    const says = new Map(ROWS.map((each) => [each.row, each.says]));
    for (const report of rowReports()) {
      const { row, works, scenarios } = report;
      const text = `${row.padEnd(7)} ${works ? 'works' : '-    '}  ${says.get(row)}${scenarios.length > 0 ? `  (${scenarios.join(', ')})` : ''}`;
      output.line(values.json ? JSON.stringify(report) : text);
    }
    return EXIT_OK;
  },
};

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
