import { parseArgs } from 'node:util';
import { TREE_STATUS } from '../../engine/core/status';
import { DIALECT_FACTS, DIALECTS, type Dialect } from '../../engine/xen/xl/dialects';
import { type ParsedXl, parseXl, withExtra } from '../../engine/xen/xl/parse';
import { type Command, EXIT_FAILED, EXIT_OK, type Output, printable, UsageError } from '../command';
import { readText } from '../input';
import { refusing } from '../run';
import { expectedOf } from './expected';

/** Reads a guest configuration as `xl` does, without a machine. */
export const xl: Command = {
  name: 'xl',
  usage: `FILE.cfg [KEY=VALUE…] [--dialect ${DIALECTS.join('|')}] [--json]`,
  summary:
    'Read a guest configuration as xl does and say what it would ask Xen for; exit 1 with line and column when xl would end.',
  run(args, output) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { dialect: { type: 'string', default: 'upstream' }, json: { type: 'boolean' } },
    });
    const [file, ...extra] = positionals;
    if (file === undefined) throw new UsageError('No file was named.');
    const wrong = extra.find((argument) => !argument.includes('='));
    if (wrong !== undefined) throw new UsageError(`"${wrong}" is neither KEY=VALUE nor the one file.`);
    const dialect = DIALECTS.find((name) => name === values.dialect);
    if (!dialect) throw new UsageError(`There is no dialect "${values.dialect}".`);
    return refusing(output, () => {
      const parsed = parseXl(withExtra(readText(file), extra), dialect);
      if (values.json) output.line(JSON.stringify(asJson(file, dialect, parsed), null, 2));
      else tell(file, dialect, parsed, output);
      return parsed.ok ? EXIT_OK : EXIT_FAILED;
    });
  },
};

/** As `expect` in `xen.json`, with where it was found and everything that the simulator alone reads or says. */
function asJson(file: string, dialect: Dialect, parsed: ParsedXl): object {
  const notes = [
    ...parsed.warnings.map((warning) => ({ kind: 'warning', ...warning })),
    ...parsed.ignoredKeys.map((ignored) => ({ kind: 'ignored', ...ignored })),
  ];
  const [status, { source }] = [TREE_STATUS[dialect], DIALECT_FACTS[dialect]];
  const read = parsed.ok ? { other: parsed.config.other } : {};
  return { file, dialect, status, source, ...expectedOf(parsed, dialect), ...read, notes };
}

function tell(file: string, dialect: Dialect, parsed: ParsedXl, output: Output): void {
  const at = ({ line, column }: { line: number; column: number }): string => `${file}:${line}:${column}`;
  for (const warning of parsed.warnings) {
    output.error(printable(`${at(warning)}: warning: ${warning.message}`));
  }
  for (const ignored of parsed.ignoredKeys) {
    output.error(printable(`${at(ignored)}: ignored: ${ignored.message}`));
  }
  if (!parsed.ok) {
    output.error(printable(`${at(parsed.error)}: ${parsed.error.message}`));
    return;
  }
  const { config, createdomain, hypervisor } = expectedOf(parsed, dialect);
  const fields = { ...(config as object), ...parsed.config.other, createdomain, hypervisor };
  output.line(`dialect: ${dialect} (${TREE_STATUS[dialect]})`);
  for (const [name, value] of Object.entries(fields)) {
    output.line(printable(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`));
  }
}
