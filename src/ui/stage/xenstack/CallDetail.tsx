import { BookOpen } from 'lucide-react';
import type { JsonObject } from '../../../engine/core/json';
import { move } from '../../../store/session';
import { openTab, selectPage } from '../../../store/view';
import type { StackCall, StackCallView, StackView } from '../../../worker/protocol';
import { FaultCard } from '../../kit/FaultCard';
import { Panel } from '../../kit/Panel';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { valueText } from '../../kit/values';
import { moveTo } from './calls';
import { StatusMark } from './StatusMark';

interface Props {
  readonly view: StackView;
  readonly call: StackCall;
  readonly revision: number;
}

const never = (): number => 0;

/** The lit call: what it is, where it is written down, what it was given and answered, and what changed inside. */
export function CallDetail({ view, call, revision }: Props) {
  const { id, name, start, end, args, result, fault } = call;
  const facts = view.facts[name];
  const lane = view.lanes.find((each) => each.id === call.lane);
  const caller = view.calls.find((each) => each.id === call.parent);
  const key = `inside ${revision} ${id} ${start} ${end}`;
  const answer = useEngineQuery(key, (api) => api.inside(start, end), never);
  return (
    <Panel className="call-detail" title={<code>{name}</code>} aside={<StatusMark status={call.status} />}>
      <div className="call-columns">
        <div className="call-about">
          <p>
            {lane?.name} <span className="faint">· {lane?.privilege}</span>
            {facts?.note && <> · {facts.note}</>}
          </p>
          {caller && (
            <p className="faint">
              called by{' '}
              <button
                type="button"
                className="button button-link mono"
                onClick={() => void move(moveTo(view, caller))}
              >
                {caller.name}
              </button>
            </p>
          )}
          <Values title="Arguments" values={args} none="none" />
          {fault ? (
            <FaultCard fault={fault} compact />
          ) : (
            <Values
              title="Result"
              values={
                result !== null && typeof result === 'object' && !Array.isArray(result)
                  ? (result as JsonObject)
                  : { value: result }
              }
              none="done"
            />
          )}
          {facts && facts.refuses.length > 0 && (
            <p className="faint">Can refuse with {facts.refuses.join(', ')}.</p>
          )}
          <p className="rule-source">
            <BookOpen size={14} aria-hidden="true" />
            <cite>
              {facts?.source ??
                (call.status === 'hardware' ? 'hardware; no source file' : 'no public source')}
              {facts?.file && !facts.file.startsWith('(') && !facts.source?.includes(facts.file) && (
                <> · {facts.file}</>
              )}
            </cite>
          </p>
        </div>
        {answer.value && answer.key === key && <Inside inside={answer.value} call={call} />}
      </div>
    </Panel>
  );
}

function Values({ title, values, none }: { title: string; values: JsonObject; none: string }) {
  const entries = Object.entries(values).filter(([, value]) => value !== null);
  return (
    <dl className="call-values">
      <dt className="overline">{title}</dt>
      {entries.length === 0 && <dd className="faint">{none}</dd>}
      {entries.map(([name, value]) => (
        <dd key={name} className="mono">
          <span className="faint">{name}</span> {valueText(name, value)}
        </dd>
      ))}
    </dl>
  );
}

function Inside({ inside, call }: { readonly inside: StackCallView; readonly call: StackCall }) {
  const { count, kinds, pages, pageCount, records, partly } = inside;
  return (
    <div className="call-inside">
      <h4 className="overline">Changed inside</h4>
      {count === 0 ? (
        <p className="faint">Nothing.</p>
      ) : (
        <>
          <p>
            {count.toLocaleString('en')} {count === 1 ? 'change' : 'changes'}{' '}
            <span className="faint">
              ({call.start} to {call.end}
              {partly && ', part of them forgotten'})
            </span>
          </p>
          <ul className="call-kinds">
            {kinds.map(({ kind, count: many }) => (
              <li key={kind}>
                <span className="mono">{many.toLocaleString('en')}</span> {kind}
              </li>
            ))}
          </ul>
        </>
      )}
      {records.length > 0 && (
        <ul className="call-records mono">
          {records.map(({ change, title }) => (
            <li key={change}>
              <button
                type="button"
                className="button button-link"
                onClick={() => void move({ to: 'change', change: change + 1 })}
              >
                {title}
              </button>
            </li>
          ))}
        </ul>
      )}
      {pageCount > 0 && (
        <p className="call-pages">
          <span>
            {pageCount.toLocaleString('en')} {pageCount === 1 ? 'page' : 'pages'}:
          </span>
          {pages.map((page) => (
            <button
              key={page}
              type="button"
              className="button button-link mono"
              title="Show this page in memory"
              onClick={() => {
                selectPage(page);
                openTab('memory');
              }}
            >
              0x{(page * 4096).toString(16)}
            </button>
          ))}
          {pageCount > pages.length && <span className="faint">…</span>}
        </p>
      )}
    </div>
  );
}
