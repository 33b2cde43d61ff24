import type { Move, SpanView, StackCall, StackView } from '../../../worker/protocol';

/** The innermost call in which the cursor stands: of the spans around it, and of the mailbox's writes, which are no span. */
export function litCall(
  { calls }: StackView,
  spans: readonly Pick<SpanView, 'id'>[],
  cursor: number,
): StackCall | null {
  const around = spans.toReversed().map(({ id }) => calls.find((call) => call.id === id));
  const found = around.find((call) => call !== undefined) ?? null;
  const ring = calls.find(
    ({ lane, parent, start, end }) =>
      lane === 'mailbox' && parent === (found?.id ?? null) && start <= cursor && cursor < end,
  );
  return ring ?? found;
}

/** A call and those that called it. */
export function lineage({ calls }: StackView, call: StackCall | null): ReadonlySet<number> {
  const ids = new Set<number>();
  for (let at: StackCall | undefined | null = call; at; at = calls.find(({ id }) => id === at?.parent))
    ids.add(at.id);
  return ids;
}

/** The move that brings the cursor to the beginning of a call. */
export function moveTo(view: StackView, { id, start }: StackCall): Move {
  if (id >= 0) return { to: 'call', id };
  return start === view.start
    ? { to: 'action', action: view.action, edge: 'start' }
    : { to: 'change', change: start };
}

/** Which call an arrow key leads to: along in time, up to the caller, down to what it calls first. */
export function neighbour({ calls }: StackView, from: StackCall | null, key: string): StackCall | undefined {
  const at = from ? calls.indexOf(from) : -1;
  switch (key) {
    case 'ArrowRight':
      return calls[at + 1];
    case 'ArrowLeft':
      return calls[Math.max(0, at - 1)];
    case 'ArrowDown':
      return calls.find(({ parent }) => parent === (from?.id ?? null));
    case 'ArrowUp':
      return calls.find(({ id }) => id === from?.parent);
    case 'Home':
      return calls[0];
    case 'End':
      return calls.at(-1);
    default:
      return undefined;
  }
}
