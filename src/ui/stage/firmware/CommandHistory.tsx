import { CircleCheck, OctagonX } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { move } from '../../../store/session';
import type { CommandLog, CommandRecord } from '../../../worker/protocol';
import { RowGap } from '../../kit/RowGap';
import { useEngine, useStatus } from '../../kit/stores';
import { useRows } from '../../kit/useRows';
import { moveText } from './LastCommand';

/** The path that was taken: every command with its answer and what it moved; a row leads to its moment. */
export function CommandHistory({
  log,
  current,
}: {
  readonly log: CommandLog;
  readonly current: number | null;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { records } = log;
  const { rows, before, after, show } = useRows(box, records.length, 2.75);
  const at = records.findIndex(({ id }) => id === current);
  useEffect(() => {
    if (at >= 0) show(at);
  }, [at, show]);
  if (records.length === 0) return <p className="faint">The firmware has had no command yet.</p>;
  return (
    <>
      {log.shortened && <p className="faint">Only the newest {records.length} commands.</p>}
      <div ref={box} className="path scrolls">
        <table aria-rowcount={records.length}>
          <caption className="visually-hidden">Commands in the order in which they came</caption>
          <colgroup>
            <col className="path-mark" />
            <col />
            <col className="path-late" />
          </colgroup>
          <tbody>
            <RowGap height={before} />
            {rows.map((index) => {
              const record = records[index];
              return record && <Row key={record.id} record={record} index={index} current={index === at} />;
            })}
            <RowGap height={after} />
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({
  record,
  index,
  current,
}: {
  readonly record: CommandRecord;
  readonly index: number;
  readonly current: boolean;
}) {
  const later = useStatus(({ cursor }) => record.start >= cursor) ?? false;
  const came = useEngine(({ actions }) =>
    record.action < 0 ? 'power-on' : (actions.find((each) => each.index === record.action)?.title ?? ''),
  );
  const refused = record.status !== 'SUCCESS';
  return (
    <tr className="path-row" aria-rowindex={index + 1} data-current={current} data-later={later}>
      <td>
        {refused ? (
          <OctagonX size={14} aria-label="refused" className="path-refused" />
        ) : (
          <CircleCheck size={14} aria-label="carried out" className="path-done" />
        )}
      </td>
      <td className="path-what">
        <button
          type="button"
          className="path-go mono"
          aria-current={current ? 'step' : undefined}
          aria-label={`${record.name}, ${record.status}: go to change ${record.end}`}
          onClick={() => void move({ to: 'change', change: record.end })}
        >
          {record.name}
        </button>
        <span className="path-moves">
          {refused ? <code>{record.status}</code> : record.moves.map(moveText).join(' · ')}
        </span>
      </td>
      <td className="path-when faint">
        {record.handle !== null && <span>guest {record.handle}</span>}
        <span className="path-came" title={came}>
          {came}
        </span>
      </td>
    </tr>
  );
}
