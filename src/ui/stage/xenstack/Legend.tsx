import type { Status } from '../../../engine/core/status';
import type { StackView } from '../../../worker/protocol';
import { StatusMark } from './StatusMark';

const ORDER: readonly Status[] = ['upstream', 'rfc', 'branch', 'hypothetical', 'hardware'];

/** How many calls of each status the picture has, and what the marks mean. */
export function Legend({ view }: { readonly view: StackView }) {
  return (
    <div className="stack-legend">
      <ul aria-label="Calls by where they stand">
        {ORDER.map((status) => (
          <li key={status} title={view.statuses[status]}>
            <StatusMark status={status} />
            <span className="mono">{view.calls.filter((call) => call.status === status).length}</span>
          </li>
        ))}
      </ul>
      <details className="stack-meanings">
        <summary>What the marks mean</summary>
        <dl>
          {ORDER.map((status) => (
            <div key={status}>
              <dt>
                <StatusMark status={status} />
              </dt>
              <dd>{view.statuses[status]}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}
