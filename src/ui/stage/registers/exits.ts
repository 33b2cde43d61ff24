import type { ExitRecord, ExitStep, ExitWay, SpanView } from '../../../worker/protocol';

/** How a guest left, in the words of the list. */
export const WAY_WORDS: Readonly<Record<ExitWay, string>> = {
  plain: 'all registers open',
  automatic: 'exit of the fixed list',
  vc: 'through #VC and GHCB',
  message: 'message in the GHCB MSR',
};

/** The exit that the cursor is in, or the last one before it. */
export function exitAt(
  records: readonly ExitRecord[],
  spans: readonly SpanView[],
  cursor: number,
): ExitRecord | null {
  const around = records.findLast(({ id }) => spans.some((span) => span.id === id));
  return around ?? records.findLast(({ start }) => start < cursor) ?? null;
}

/** The step after which the cursor stands; -1: before the first. */
export const stepAt = (steps: readonly ExitStep[], cursor: number): number =>
  steps.findLastIndex(({ start, at }) => at <= cursor && start < cursor);

/** Where a lane runs, in per cent of the width. */
export const LANE_X: Readonly<Record<ExitStep['lane'], number>> = { guest: 7, hardware: 50, xen: 93 };
