import type { JsonObject } from '../../engine/core/json';
import { valueText } from '../kit/values';
import { differences } from './differences';

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
          <dd className="mono">{valueText(name, value)}</dd>
        </div>
      ))}
      {changed.map(({ name, before, after }) => (
        <div key={name} className="facts-row">
          <dt>{name}</dt>
          <dd className="mono">
            {before !== null && <del>{valueText(name, before)}</del>}{' '}
            {after !== null && <ins>{valueText(name, after)}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
