import { proxy, wrap } from 'comlink';
import type { MatrixApi, Told } from './protocol';

/** A computation on its way. */
export interface Run {
  /** Resolves when all is told; rejects when a worker cannot go on. Never settles once it was stopped. */
  readonly ended: Promise<void>;
  readonly stop: () => void;
}

/** Each worker takes some 30 MB; more of them would hardly be sooner done. */
const MOST_WORKERS = 4;

/** Computes rows of the matrix in workers of their own, beside the machine’s: one for each core but that of the window. */
export function startMatrix(attacks: readonly string[], tell: (cells: readonly Told[]) => void): Run {
  const waiting = [...attacks];
  const count = Math.max(1, Math.min(MOST_WORKERS, navigator.hardwareConcurrency - 1, waiting.length));
  const workers = Array.from({ length: count }, spawn);
  const stop = (): void => {
    for (const worker of workers) worker.terminate();
  };
  const ended = Promise.all(workers.map((worker) => work(worker, waiting, tell))).then(() => {});
  return { ended: ended.finally(stop), stop };
}

const spawn = (): Worker =>
  new Worker(new URL('./matrix.worker.ts', import.meta.url), { type: 'module', name: 'matrix' });

/** Takes one attack after the other until none is waiting. */
async function work(
  worker: Worker,
  waiting: string[],
  tell: (cells: readonly Told[]) => void,
): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(message || 'the worker could not be run')),
    );
  });
  const api = wrap<MatrixApi>(worker);
  for (let attack = waiting.shift(); attack !== undefined; attack = waiting.shift())
    await Promise.race([api.compute(attack, proxy(tell)), failed]);
}
