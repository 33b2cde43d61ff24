import { OctagonX } from 'lucide-react';
import type { Json, JsonObject } from '../../../engine/core/json';
import type { StackCall, StackView } from '../../../worker/protocol';
import { valueText } from '../../kit/values';
import { StatusMark } from './StatusMark';

/** The call at the cursor in two lines, always in sight. */
export function CallStrip({ view, call }: { readonly view: StackView; readonly call: StackCall | null }) {
  if (!call)
    return (
      <p className="call-strip faint">
        The cursor is in none of these calls. Press one, or go to the first and step into it.
      </p>
    );
  const { name, lane, status, proposed, args, result, fault, start, end } = call;
  const layer = view.lanes.find(({ id }) => id === lane)?.name;
  return (
    <div className="call-strip" role="status" aria-label="Call at the cursor">
      <p>
        <code>{name}</code> <StatusMark status={status} /> <span className="faint">{layer}</span>
        {proposed && status !== 'rfc' && status !== 'branch' && status !== 'hypothetical' && (
          <span className="faint"> · reached only by what is proposed</span>
        )}
      </p>
      <p className="mono call-strip-values">
        {short(args)}
        {fault ? (
          <span className="call-strip-fault">
            <OctagonX size={13} aria-label="refused:" /> {fault.name}
          </span>
        ) : (
          <span> → {short(result) || 'done'}</span>
        )}
        <span className="faint"> · {(end - start).toLocaleString('en')} changes</span>
      </p>
    </div>
  );
}

function short(value: Json): string {
  if (value === null) return '';
  if (typeof value !== 'object' || Array.isArray(value)) return valueText('', value);
  return Object.entries(value as JsonObject)
    .filter(([, each]) => each !== null)
    .map(([name, each]) => `${name} ${valueText(name, each)}`)
    .join(', ');
}
