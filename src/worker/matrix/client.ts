import { proxy, wrap } from 'comlink';
import type { MatrixApi, Progress } from './protocol';

/** A computation on its way. */
export interface Run {
  /** Resolves when all is told; rejects when the worker cannot go on. Never settles once it was stopped. */
  readonly ended: Promise<void>;
  readonly stop: () => void;
}

/** Computes the matrix in a worker of its own, beside the machine’s. */
export function startMatrix(tell: (progress: Progress) => void): Run {
  const worker = new Worker(new URL('./matrix.worker.ts', import.meta.url), {
    type: 'module',
    name: 'matrix',
  });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(message || 'the worker could not be run')),
    );
  });
  const ended = Promise.race([wrap<MatrixApi>(worker).compute(proxy(tell)), failed]).finally(() =>
    worker.terminate(),
  );
  return { ended, stop: () => worker.terminate() };
}
