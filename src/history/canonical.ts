import { toHex } from '../engine/core/bytes';

/**
 * Plain data as JSON with sorted keys, so that equal data gives equal text in every browser. Absent and undefined
 * fields are the same; byte arrays become hexadecimal and big integers decimal text, each with its mark.
 * @throws RangeError on what has no such form (a function, NaN).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `{"$bigint":"${value}"}`;
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (value instanceof Uint8Array) return `{"$bytes":"${toHex(value)}"}`;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new RangeError(`no canonical form: ${String(value)}`);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
}
