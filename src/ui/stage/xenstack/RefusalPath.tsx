import { CornerLeftUp, OctagonX } from 'lucide-react';
import { move } from '../../../store/session';
import type { StackView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { RuleNote } from '../../kit/RuleNote';
import { moveTo } from './calls';

/** How a refusal came up: who decided, each layer that passed it on, and what xl said in the end. */
export function RefusalPath({ view }: { readonly view: StackView }) {
  if (view.refusal.length === 0) return null;
  const way = view.refusal.flatMap(({ id, says }) => {
    const call = view.calls.find((each) => each.id === id);
    return call ? [{ call, says }] : [];
  });
  const decided = way[0]?.call;
  const last = way.at(-1)?.call;
  if (!decided?.fault || !last?.fault) return null;
  const lane = (id: string) => view.lanes.find((each) => each.id === id)?.name ?? id;
  return (
    <Panel title={`Refused: ${decided.fault.name}`} aside={`passed on ${way.length - 1} times`}>
      <ol className="refusal-way">
        {way.map(({ call, says }, index) => (
          <li key={call.id} data-decided={index === 0 || undefined}>
            {index === 0 ? (
              <OctagonX size={15} aria-label="decided here" />
            ) : (
              <CornerLeftUp size={13} aria-label="passed on" />
            )}
            <span className="faint">{lane(call.lane)}</span>
            <button
              type="button"
              className="button button-link mono"
              onClick={() => void move(moveTo(view, call))}
            >
              {call.name}
            </button>
            {says && <q>{says}</q>}
          </li>
        ))}
      </ol>
      <p className="refusal-end">
        At xl: <q>{last.fault.message}</q>
      </p>
      <RuleNote rule={decided.fault.rule} />
    </Panel>
  );
}
