import type { LoggedSpan, SpanLog } from './spanLog';

/**
 * The first span directly inside `frame` (null: outside all) that starts at or after `change` and has changes in it.
 * `change` is inside no other span of that level.
 */
export function nextChild(spans: SpanLog, change: number, frame: LoggedSpan | null): LoggedSpan | null {
  const from = Math.max(spans.lowerBound(change), frame ? frame.id + 1 : spans.first);
  for (let id = from; id < spans.end; id++) {
    const span = spans.get(id)!;
    if (frame && span.start >= frame.end) return null;
    if (span.end > span.start) return span;
  }
  return null;
}

/** The last span directly inside `frame` that starts before `change` and has changes in it. */
export function previousChild(spans: SpanLog, change: number, frame: LoggedSpan | null): LoggedSpan | null {
  const before = frame?.id ?? spans.first - 1;
  let id = spans.lowerBound(change) - 1;
  while (id > before) {
    let span = spans.get(id)!;
    while (span.parent !== null && span.parent !== before) span = spans.get(span.parent)!;
    if (span.end > span.start) return span;
    id = span.id - 1;
  }
  return null;
}
