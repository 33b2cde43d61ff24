import { proxy, wrap } from 'comlink';
import type { Side } from '../../lab/side';
import type { CompareApi, ComparedScript, SideProgress } from './protocol';

/** A worker of its own, in which machines are played side by side. */
export interface Comparing {
  script(id: string): Promise<ComparedScript | null>;
  /** Resolves when all is told; rejects when the worker cannot go on. */
  play(id: string, sides: readonly Side[], tell: (progress: SideProgress) => void): Promise<void>;
  /** The machines are gone; what was asked never settles. */
  readonly stop: () => void;
}

export function startComparing(): Comparing {
  const worker = new Worker(new URL('./compare.worker.ts', import.meta.url), {
    type: 'module',
    name: 'compare',
  });
  const api = wrap<CompareApi>(worker);
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(message || 'the worker could not be run')),
    );
  });
  // Whoever asks hears of it; nobody has to.
  failed.catch(() => {});
  return {
    script: (id) => Promise.race([api.script(id), failed]),
    play: (id, sides, tell) => Promise.race([api.play(id, sides, proxy(tell)), failed]),
    stop: () => worker.terminate(),
  };
}
