import { createStore } from 'zustand/vanilla';
import { type Run, startMatrix } from '../worker/matrix/client';
import type { BrokenCell, MatrixCell, Progress } from '../worker/matrix/protocol';

/** What every attack comes to on every machine, as far as it has been computed. It stays for as long as the page does. */
export interface AttackMatrix {
  readonly state: 'idle' | 'running' | 'stopped' | 'done' | 'failed';
  readonly done: number;
  readonly total: number;
  /** By attack, then by column. */
  readonly rows: Readonly<Record<string, Row>>;
  /** Why it failed. */
  readonly reason: string | null;
}

export type Row = Readonly<Record<string, MatrixCell | BrokenCell>>;

export const matrixStore = createStore<AttackMatrix>(() => ({
  state: 'idle',
  done: 0,
  total: 0,
  rows: {},
  reason: null,
}));

/** Cells are put in so many milliseconds after the first of them came: a picture at a time, not a cell at a time. */
const GATHER = 120;

let run: Run | null = null;
let came: Progress[] = [];

function take(progress: Progress): void {
  came.push(progress);
  if (came.length === 1) setTimeout(putIn, GATHER);
}

function putIn(): void {
  const last = came.at(-1);
  if (!last) return;
  const rows: Record<string, Row> = { ...matrixStore.getState().rows };
  for (const { cells, broken } of came)
    for (const cell of [...cells, ...broken])
      rows[cell.attack] = { ...rows[cell.attack], [cell.column]: cell };
  came = [];
  matrixStore.setState({ rows, done: last.done, total: last.total });
}

/** Computes what is missing; does nothing while that is on its way, or done. */
export function computeMatrix(): void {
  const { state } = matrixStore.getState();
  if (state === 'running' || state === 'done') return;
  matrixStore.setState({ state: 'running', reason: null });
  const mine = startMatrix(take);
  run = mine;
  mine.ended.then(
    () => finish('done', null),
    (error: unknown) => finish('failed', error instanceof Error ? error.message : String(error)),
  );
}

function finish(state: 'done' | 'failed', reason: string | null): void {
  run = null;
  putIn();
  matrixStore.setState({ state, reason });
}

/** What has been computed stays. */
export function stopMatrix(): void {
  run?.stop();
  run = null;
  putIn();
  matrixStore.setState({ state: 'stopped' });
}
