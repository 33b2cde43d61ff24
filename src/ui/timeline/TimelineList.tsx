import { move } from '../../store/session';
import { OwnerMark } from '../kit/OwnerMark';
import { type Block, blocksAround } from './lanes';

const SHOWN = 40;

interface Props {
  readonly blocks: readonly Block[];
  readonly cursor: number;
}

/** The same calls as a table: those around the cursor. */
export function TimelineList({ blocks, cursor }: Props) {
  const rows = blocksAround(blocks, cursor, SHOWN);
  return (
    <div className="timeline-list scrolls">
      <table>
        <caption className="visually-hidden">The calls around change {cursor}</caption>
        <thead>
          <tr>
            <th scope="col">Call</th>
            <th scope="col">Layer</th>
            <th scope="col">Changes</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ lane, start, end, depth, name, actor, fault }) => (
            <tr
              key={`${lane}-${start}-${end}-${depth}-${name}`}
              className={cursor > start && cursor <= end ? 'row-now' : ''}
            >
              <td>
                <button
                  type="button"
                  className="button button-link"
                  onClick={() => void move({ to: 'change', change: end })}
                >
                  <OwnerMark owner={actor} /> {name}
                </button>
              </td>
              <td>{lane}</td>
              <td className="mono">
                {start}–{end}
              </td>
              <td>{fault ? <span className="row-fault">stopped</span> : 'done'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
