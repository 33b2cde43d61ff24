// Lets Node import `*.scenario.yaml` as the build does: tsx --import ./.ci/yaml-loader.mjs …
// It registers itself, and is then loaded once more by Node as the hook.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { isScenario, scenarioModule } from './yaml.mjs';

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  if (!isScenario(url)) return nextLoad(url, context);
  const file = fileURLToPath(url);
  return { format: 'module', shortCircuit: true, source: scenarioModule(await readFile(file, 'utf8'), file) };
}

if (isMainThread) register(import.meta.url);
