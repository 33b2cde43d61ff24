/** What is measured in a browser without the app around it: the map, and work in a worker. */
import { EngineClient, startWorker } from '../../worker/client';
import { seeks } from '../work/seek';
import { hotPagePixels, type MapBenchOptions, measureMap } from './map';
import { measurePlainMap } from './plainMap';
import type { WorkName, WorkResult } from './worker';

function canvas(): HTMLCanvasElement {
  const old = document.querySelector('canvas');
  if (!old) throw new Error('the page has no canvas');
  const fresh = old.cloneNode() as HTMLCanvasElement;
  old.replaceWith(fresh);
  return fresh;
}

/** Does work in a worker, twice: the first time is for warming up. */
async function inWorker<K extends WorkName>(name: K): Promise<WorkResult[K]> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const ask = (): Promise<WorkResult[K]> =>
    new Promise((done, fail) => {
      worker.onmessage = ({ data }) => done(data);
      worker.onerror = ({ message }) => fail(new Error(message));
      worker.postMessage(name);
    });
  await ask();
  const result = await ask();
  worker.terminate();
  return result;
}

/** Opens a session file in the app's own worker and goes to random places in it: milliseconds until the window knows. */
async function moves(file: string): Promise<{ p50: number; p95: number; most: number; length: number }> {
  const client = new EngineClient({
    spawn: startWorker,
    onUpdate: () => {},
    onConnection: () => {},
    kept: async () => [],
    onReopened: () => {},
  });
  await client.ready();
  const bytes = new TextEncoder().encode(file);
  const opened = await client.api.open({ kind: 'file', name: 'bench.json', bytes });
  if (!opened.ok) throw new Error(opened.refusal.message);
  const { length } = opened.value;
  const { median, p95, most } = await seeks(length, (change) => client.api.move({ to: 'change', change }));
  return { p50: median, p95, most, length };
}

const tools = {
  inWorker,
  moves,
  map: (options: MapBenchOptions) => measureMap(canvas(), options),
  plainMap: (changes: number) => measurePlainMap(canvas(), changes),
  hotPage: (pageCount: number) => hotPagePixels(canvas(), pageCount),
};

declare global {
  interface Window {
    bench: typeof tools;
  }
}

window.bench = tools;
