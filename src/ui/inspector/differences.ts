import type { Json, JsonObject } from '../../engine/core/json';

export interface Difference {
  readonly name: string;
  readonly before: Json;
  readonly after: Json;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Which fields of a record a change moved; empty when the change is no record's. */
export function differences(data: JsonObject): Difference[] {
  const before = isObject(data.before) ? data.before : {};
  const after = isObject(data.after) ? data.after : {};
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .map((name) => ({ name, before: before[name] ?? null, after: after[name] ?? null }))
    .filter((field) => JSON.stringify(field.before) !== JSON.stringify(field.after));
}
