import type { Change } from '../engine/core/change';

/** Bytes that a small object costs before its fields. */
const OBJECT = 56;
const FIELD = 16;

/**
 * Estimated bytes that plain data keeps alive. Long arrays are weighed by their first element, so that weighing a
 * guest's list of pages does not cost more than recording it.
 */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return 24 + value.length;
  if (value instanceof Uint8Array) return 96 + value.length;
  if (Array.isArray(value)) return OBJECT + value.length * (8 + (value.length > 0 ? weigh(value[0]) : 0));
  if (typeof value !== 'object' || value === null) return 0;
  const fields = value as Readonly<Record<string, unknown>>;
  let bytes = OBJECT;
  for (const name in fields) bytes += FIELD + weigh(fields[name]);
  return bytes;
}

/** Estimated bytes that a change keeps alive beyond its record; what a cell shares with its predecessor is free. */
export function weighObject(change: Change): number {
  switch (change.store) {
    case 'cell':
      return OBJECT + weighNew(change.after, change.before);
    case 'cache':
    case 'tlb':
      return OBJECT + weigh(change.after);
    case 'fact':
      return OBJECT + weigh(change.data) + weigh(change.bytes);
    case 'far':
      return 2 * OBJECT + weighObject(change.change);
    case 'dram':
      return OBJECT + 2 * (96 + change.after.length);
    default:
      return 0;
  }
}

function weighNew(after: object | null, before: object | null): number {
  if (!after) return 0;
  const old = (before ?? {}) as Readonly<Record<string, unknown>>;
  let bytes = OBJECT;
  const fresh = after as Readonly<Record<string, unknown>>;
  for (const name in fresh) {
    const field = fresh[name];
    bytes += FIELD + (old[name] === field ? 0 : weigh(field));
  }
  return bytes;
}
