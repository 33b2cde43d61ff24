import { createStore } from 'zustand/vanilla';
import { levelsFrom } from '../lab/levels';
import { type Run, startMatrix } from '../worker/matrix/client';
import type { Told } from '../worker/matrix/protocol';
import type { AttackCard } from '../worker/protocol';

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

export type Row = Readonly<Record<string, Told>>;

export const matrixStore = createStore<AttackMatrix>(() => ({
  state: 'idle',
  done: 0,
  total: 0,
  rows: {},
  reason: null,
}));

/** Cells are put in so many milliseconds after the first of them came: a picture at a time, not a cell at a time. */
const GATHER = 300;

let run: Run | null = null;
let came: Told[] = [];

const runsOf = ({ from, mitigations }: AttackCard): number => levelsFrom(from).length + mitigations.length;

function take(cells: readonly Told[]): void {
  if (came.length === 0) setTimeout(putIn, GATHER);
  came.push(...cells);
}

function putIn(): void {
  if (came.length === 0) return;
  const rows: Record<string, Row> = { ...matrixStore.getState().rows };
  for (const cell of came) rows[cell.attack] = { ...rows[cell.attack], [cell.column]: cell };
  came = [];
  const done = Object.values(rows).reduce((sum, row) => sum + Object.keys(row).length, 0);
  matrixStore.setState({ rows, done });
}

/** Computes what is missing, in this order; does nothing while that is on its way, or done. */
export function computeMatrix(cards: readonly AttackCard[]): void {
  const { state, rows } = matrixStore.getState();
  if (state === 'running' || state === 'done') return;
  const total = cards.reduce((sum, card) => sum + runsOf(card), 0);
  matrixStore.setState({ state: 'running', total, reason: null });
  const missing = cards.filter((card) => Object.keys(rows[card.id] ?? {}).length < runsOf(card));
  run = startMatrix(
    missing.map(({ id }) => id),
    take,
  );
  run.ended.then(
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
