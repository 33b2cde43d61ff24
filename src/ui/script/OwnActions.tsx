import { useEffect, useRef } from 'react';
import { move } from '../../store/session';
import { OwnerMark } from '../kit/OwnerMark';
import { Panel } from '../kit/Panel';
import { useEngine, useStatus } from '../kit/stores';

const SHOWN = 60;

/** What has been done outside a script, newest last; each a way back to its moment. */
export function OwnActions() {
  const strayed = useEngine(
    ({ status }) => status !== null && (status.scenario === null || status.scenario.strayed),
  );
  const actions = useEngine((state) => state.actions);
  const current = useStatus((status) => status.action) ?? -1;
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: to the newest whenever there is another one
  useEffect(() => {
    void list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [actions]);
  if (!strayed || actions.length === 0) return null;
  const shown = actions.slice(-SHOWN);
  return (
    <Panel kind="section" level={2} title="Done so far" aside={actions.length}>
      <ol className="performed scrolls" ref={list}>
        {shown.map(({ index, who, title, fault }) => (
          <li key={index} aria-current={index === current ? 'step' : undefined}>
            <button
              type="button"
              className="performed-item"
              onClick={() => void move({ to: 'action', action: index, edge: 'end' })}
            >
              <OwnerMark owner={who} />
              <span>{title}</span>
              {fault && <span className="performed-fault">{fault}</span>}
            </button>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
