// npm run bench: the figures of speed and size beside their targets. A missed target is printed; it is no failure.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { BROWSER_FIGURES } from './browser/figures';
import { closeRig } from './browser/rig';
import type { FigureDefinition, Result } from './figure';
import { NODE_FIGURES } from './node/figures';
import { inChild } from './node/inChild';
import { json, table } from './report';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
  },
});

async function measure(definition: FigureDefinition): Promise<Result> {
  process.stderr.write(`${definition.title} …\n`);
  try {
    return { definition, outcome: { figure: await definition.run() } };
  } catch (error) {
    return { definition, outcome: { failed: error instanceof Error ? error.message : String(error) } };
  }
}

const all = [...NODE_FIGURES.map(inChild), ...BROWSER_FIGURES];
const chosen = all.filter(
  ({ name }) => options.only.length === 0 || options.only.some((wish) => name.startsWith(wish)),
);
if (chosen.length === 0) {
  console.error(`No figure is called like that. There are ${all.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

const load = (): number => loadavg()[0] ?? 0;
const loadBefore = load();
const results: Result[] = [];
try {
  for (const definition of chosen) results.push(await measure(definition));
} finally {
  await closeRig();
}
const circumstances = { cores: cpus().length, node: process.versions.node, loadBefore, loadAfter: load() };
console.log((options.json ? json : table)(results, circumstances));
process.exitCode = results.some(({ outcome }) => 'failed' in outcome) ? 1 : 0;
