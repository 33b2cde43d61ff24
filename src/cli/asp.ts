import { parseArgs } from 'node:util';
import type { Difference } from './asp/compare';
import { parseTraces, TraceError } from './asp/format';
import { replay, type StepResult } from './asp/replay';
import { type Command, EXIT_FAILED, EXIT_OK, type Output, printable, Refusal, UsageError } from './command';
import { readText } from './input';
import { refusing } from './run';

/** Replays recorded firmware traces on the engine, through the mailbox. */
export const asp: Command = {
  name: 'asp',
  usage: 'FILE.jsonl [--json]',
  summary:
    'Replay recorded traces of SEV firmware on the simulated secure processor; the last line says how many steps agree and differ, exit 1 when one differs.',
  run: (args, output) =>
    refusing(output, () => {
      const { positionals, values } = parseArgs({
        args: [...args],
        allowPositionals: true,
        options: { json: { type: 'boolean', default: false } },
      });
      const [path, ...more] = positionals;
      if (path === undefined || more.length > 0) throw new UsageError('One file has to be named.');
      return tell(traced(path, readText(path)), values.json, output);
    }),
};

/** All steps of a file's text. @throws Refusal when it is not of the format. */
export function traced(path: string, text: string): StepResult[] {
  try {
    return [...replay(parseTraces(text))];
  } catch (error) {
    if (error instanceof TraceError) throw new Refusal(`${printable(path)}: ${printable(error.message)}.`);
    throw error;
  }
}

function tell(results: readonly StepResult[], json: boolean, output: Output): number {
  const count = (kind: StepResult['verdict']['kind']): number =>
    results.filter(({ verdict }) => verdict.kind === kind).length;
  for (const { id, step, verdict } of results) {
    if (verdict.kind !== 'differs') continue;
    const { cmd, p } = step;
    if (json) output.line(JSON.stringify({ id, cmd, p: p ?? {}, differences: verdict.differences }));
    else
      output.line(
        printable(`${id}: ${cmd}${shownParameters(p)}: ${verdict.differences.map(shown).join('; ')}`),
      );
  }
  const counts = { agree: count('agrees'), differ: count('differs'), uncounted: count('uncounted') };
  if (json) output.line(JSON.stringify(counts));
  else for (const line of summary(counts)) output.line(line);
  return counts.differ > 0 ? EXIT_FAILED : EXIT_OK;
}

const shown = ({ what, expected, got }: Difference): string => `${what}: expected ${expected}, got ${got}`;

const shownParameters = (p: StepResult['step']['p']): string =>
  p
    ? ` ${Object.entries(p)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ')}`
    : '';

function* summary(counts: Record<'agree' | 'differ' | 'uncounted', number>): Generator<string> {
  if (counts.uncounted > 0)
    yield `${counts.uncounted} steps do not count: their outcome hung on uninitialised memory or on what the recording replaced`;
  yield `${counts.agree} agree, ${counts.differ} differ`;
}
