import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figure, FigureDefinition } from '../figure';

const child = fileURLToPath(new URL('./child.ts', import.meta.url));

/** The same definition, measured in a process of its own: nothing that ran before has warmed or filled it. */
export const inChild = (definition: FigureDefinition): FigureDefinition => ({
  ...definition,
  run: () =>
    new Promise((resolve, reject) => {
      const worker = fork(child, [definition.name], { execArgv: ['--expose-gc', ...process.execArgv] });
      worker.on('message', (figure) => resolve(figure as Figure));
      worker.on('error', reject);
      worker.on('exit', (code) => reject(new Error(`its process ended with ${code}`)));
    }),
});
