// npm test: every check, one after another, on a machine with nothing but Node and git.
//   npm test                 all stages
//   npm test -- unit types   only these
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { build, install, project, run } from './lib.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const results = join(project, 'test-results/summary');

/** @type {(ok: boolean) => Counts} */
const one = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

/**
 * The counts of a runner's JSON report. A runner that failed without a failed test (a file that does not load, no
 * report, no test at all) counts as one failure.
 * @param {number} code
 * @param {string} file
 * @param {(report: any) => Counts} read
 * @returns {Counts}
 */
function counted(code, file, read) {
  try {
    const counts = read(JSON.parse(readFileSync(file, 'utf8')));
    const broken = counts.failed === 0 && (code !== 0 || counts.passed === 0);
    return broken ? { ...counts, failed: 1 } : counts;
  } catch {
    return one(false);
  }
}

async function unit() {
  const file = join(results, 'unit.json');
  const code = await run('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  return counted(code, file, (report) => {
    /** @type {{ status: string, assertionResults: unknown[] }[]} */
    const files = report.testResults;
    const unloadable = files.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    );
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + unloadable.length,
      skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    };
  });
}

async function browser() {
  let path;
  try {
    path = ensureChromium();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return one(false);
  }
  const file = join(results, 'browser.json');
  const env = { CHROMIUM_PATH: path, PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const code = await run('playwright', ['test'], env);
  return counted(code, file, ({ stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }));
}

/** @type {(script: string) => () => Promise<Counts>} */
const script = (name) => async () => one((await run('npm', ['run', '--silent', name])) === 0);

/** @type {Record<string, [title: string, check: () => Promise<Counts>]>} */
const stages = {
  types: ['types', script('types')],
  lint: ['lint and formatting', script('lint')],
  arrows: ['arrows between the rooms', script('arrows')],
  unused: ['unused files, exports, packages', script('unused')],
  unit: ['unit tests', unit],
  build: ['build', async () => one(await build())],
  budget: ['bundle budget', async () => one((await run('node', ['.ci/budget.mjs'])) === 0)],
  browser: ['browser tests', browser],
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in stages));
if (unknown.length > 0) {
  console.error(`No such stage: ${unknown.join(', ')}. There are ${Object.keys(stages).join(', ')}.`);
  process.exit(1);
}

if (!(await install())) {
  console.error('The packages could not be installed: see above.');
  console.log('0 passed, 1 failed');
  process.exit(1);
}
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

/** @type {string[]} */
const table = [];
const total = one(true);
total.passed = 0;
for (const [name, [title, check]] of Object.entries(stages)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.log(`\n=== ${title} ===\n`);
  const begin = performance.now();
  const { passed, failed, skipped } = await check();
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  total.passed += passed;
  total.failed += failed;
  table.push(
    `${failed > 0 ? 'FAILED' : 'ok    '}  ${title.padEnd(32)} ${`${passed} passed`.padStart(12)} ${`${failed} failed`.padStart(10)}` +
      ` ${skipped > 0 ? `${skipped} skipped`.padStart(11) : ''.padStart(11)} ${`${seconds} s`.padStart(9)}`,
  );
}

console.log(`\n=== summary ===\n\n${table.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
