import type { PerformedSummary } from '../../../engine/core/vocabulary';

const RUNS: readonly string[] = ['guest.program', 'guest.step', 'guest.continue'];

/** How an instruction went, in the words of the list of exits. */
const PATHS: Readonly<Record<string, string>> = {
  core: 'ran in the core, nobody saw it',
  exit: 'left the guest',
  '#VC': 'raised #VC',
};

/** The last thing that was done with a guest’s program before the cursor. */
export const lastRun = (
  actions: readonly PerformedSummary[],
  guest: string,
  cursor: number,
): PerformedSummary | null =>
  actions.findLast(
    ({ action, end }) => RUNS.includes(action.type) && action.guest === guest && end <= cursor,
  ) ?? null;

/** What came of it, in a line. */
export function outcomeWords({ action, result, fault }: PerformedSummary): string {
  if (fault) return `refused: ${fault}`;
  if (action.type === 'guest.program') return 'loaded; it stands at its first line';
  const { last, path, reason, stopped } = (result ?? {}) as Readonly<Record<string, string | null>>;
  const why = reason ? `, ${reason}` : '';
  const end = stopped ? `; stopped at ${stopped}` : '';
  return `${last}: ${PATHS[path ?? ''] ?? path ?? 'done'}${why}${end}`;
}
