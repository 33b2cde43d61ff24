import type { Json, JsonObject } from '../../engine/core/json';
import { differences } from './differences';

/** Names whose numbers are addresses, which are written in hexadecimal. */
const ADDRESSES = new Set(['address', 'virtual', 'spa', 'gpa', 'at', 'page', 'target', 'base']);

function shown(name: string, value: Json): string {
  if (typeof value === 'number')
    return ADDRESSES.has(name) ? `0x${value.toString(16)}` : value.toLocaleString('en');
  if (typeof value === 'string') return value.length > 80 ? `${value.slice(0, 80)}…` : value;
  return JSON.stringify(value);
}

/** Arguments, results and facts as names with values; of a record that changed, what changed. */
export function Fields({ data }: { readonly data: JsonObject }) {
  const changed = differences(data);
  const entries = Object.entries(data).filter(
    ([name, value]) =>
      value !== null && value !== '' && (changed.length === 0 || (name !== 'before' && name !== 'after')),
  );
  if (entries.length + changed.length === 0) return null;
  return (
    <dl className="facts">
      {entries.map(([name, value]) => (
        <div key={name} className="facts-row">
          <dt>{name}</dt>
          <dd className="mono">{shown(name, value)}</dd>
        </div>
      ))}
      {changed.map(({ name, before, after }) => (
        <div key={name} className="facts-row">
          <dt>{name}</dt>
          <dd className="mono">
            {before !== null && <del>{shown(name, before)}</del>}{' '}
            {after !== null && <ins>{shown(name, after)}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
