import { parseArgs } from 'node:util';
import { RECOGNISERS } from './check/recognisers';
import type { CaseResult } from './check/result';
import { type Command, EXIT_FAILED, EXIT_OK, type Output, printable, Refusal, UsageError } from './command';
import { readJson } from './input';

/** Runs every case that the file holds. @throws Refusal when nothing in it is known. */
function checkFile(path: string): CaseResult[] {
  const json = readJson(path);
  const known = RECOGNISERS.filter((recogniser) => recogniser.recognises(json));
  const results = known.flatMap((recogniser) => recogniser.run(json));
  if (results.length === 0) {
    const names = RECOGNISERS.map((recogniser) => recogniser.name).join('; ');
    throw new Refusal(
      `${printable(path)}: holds no test vectors that this program knows. It knows: ${names}.`,
    );
  }
  return results;
}

function report(prefix: string, results: readonly CaseResult[], output: Output): void {
  for (const { id, mismatches } of results) {
    for (const { what, expected, got } of mismatches) {
      output.line(printable(`${prefix}${id}: ${what}: expected ${expected}, got ${got}`));
    }
  }
}

/**
 * Checks files of test vectors against the engine; each is recognised by what is in it, not by its name. A file that is
 * refused counts as one failure, so that the last line never sounds better than the files were.
 */
export const check: Command = {
  name: 'check',
  usage: 'FILE…',
  summary:
    'Run files of test vectors against the engine; the last line says how many cases passed and failed.',
  run(args, output) {
    const { positionals: files } = parseArgs({ args: [...args], allowPositionals: true });
    if (files.length === 0) throw new UsageError('No file was named.');
    const results: CaseResult[] = [];
    let refused = 0;
    for (const path of files) {
      try {
        const found = checkFile(path);
        report(files.length > 1 ? `${path}: ` : '', found, output);
        for (const result of found) results.push(result);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        output.error(error.message);
        refused++;
      }
    }
    const wrong = results.filter((result) => result.mismatches.length > 0).length;
    output.line(`${results.length - wrong} passed, ${wrong + refused} failed`);
    return wrong + refused > 0 ? EXIT_FAILED : EXIT_OK;
  },
};
