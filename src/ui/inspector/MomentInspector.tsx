import type { ChangeView, SpanView } from '../../worker/protocol';
import { FaultCard } from '../kit/FaultCard';
import { Panel } from '../kit/Panel';
import { RuleNote } from '../kit/RuleNote';
import { useStatus } from '../kit/stores';
import { useEngineQuery } from '../kit/useEngineQuery';
import { Bytes } from './Bytes';
import { Fields } from './Fields';

const NO_SPANS: readonly SpanView[] = [];

/** The innermost call at the cursor, and the change that was made last, with the rule that decided it. */
export function MomentInspector({ open }: { readonly open: boolean }) {
  const cursor = useStatus((status) => status.cursor) ?? 0;
  const spans = useStatus((status) => status.spans) ?? NO_SPANS;
  const fault = useStatus((status) => status.outcome?.fault ?? null);
  const { value } = useEngineQuery(cursor > 0 ? `change/${cursor}` : null, (api) =>
    api.changes(cursor - 1, 1),
  );
  const change = value?.[0] ?? null;
  const call = spans.at(-1);
  return (
    <details className="moment" open={open}>
      <summary className="overline">At this moment</summary>
      {fault && <FaultCard fault={fault} />}
      {call && <Call span={call} depth={spans.length} />}
      {change ? <Change change={change} /> : <p className="faint">The machine has just been switched on.</p>}
      {open && (
        <p className="faint moment-hint">
          Select a page on the map to see whose it is and who could read it now.
        </p>
      )}
    </details>
  );
}

function Call({ span, depth }: { readonly span: SpanView; readonly depth: number }) {
  return (
    <Panel kind="section" title={depth > 1 ? `Call, ${depth} deep` : 'Call'}>
      <p>
        <code>{span.name}</code> <span className="faint">by {span.actor}</span>
      </p>
      <Fields data={span.args} />
      {span.result !== null && typeof span.result === 'object' && !Array.isArray(span.result) && (
        <Fields data={span.result as SpanView['args']} />
      )}
    </Panel>
  );
}

function Change({ change }: { readonly change: ChangeView }) {
  return (
    <Panel kind="section" title={`Change ${(change.index + 1).toLocaleString('en')}`}>
      <p>{change.title}</p>
      <Fields data={change.data} />
      {change.before && <Bytes label="before" bytes={change.before} />}
      {change.after && <Bytes label={change.before ? 'after' : 'bytes'} bytes={change.after} />}
      {change.rule && <RuleNote rule={change.rule} />}
    </Panel>
  );
}
