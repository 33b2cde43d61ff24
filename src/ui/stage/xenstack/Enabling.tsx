import type { EnablingView, Piece, SevTechnology } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { StatusMark, statusWord } from './StatusMark';

const TECHNOLOGIES: readonly { readonly id: SevTechnology; readonly title: string; readonly says: string }[] =
  [
    { id: 'sev', title: 'SEV', says: 'every encrypted guest needs these' },
    { id: 'sev-es', title: 'SEV-ES', says: 'and these as well' },
    { id: 'sev-snp', title: 'SEV-SNP', says: 'and these, some in place of others' },
  ];

/** By layer and technology: what has to be written before an encrypted guest runs, and how far it has come. */
export function Enabling({ view }: { readonly view: EnablingView }) {
  const rows = view.lanes.flatMap((lane) => {
    const pieces = view.pieces.filter((piece) => piece.lane === lane.id);
    return pieces.length > 0 ? [{ lane, pieces }] : [];
  });
  return (
    <>
      <p className="enabling-lead">
        Upstream Xen runs no encrypted guest: of what lies between xl and the key, these {view.pieces.length}{' '}
        pieces are missing there. None of them has been merged.
      </p>
      <Panel title="What enabling takes, by layer and technology">
        <div className="enabling-scroll">
          <table className="enabling">
            <thead>
              <tr>
                <th scope="col">Layer</th>
                {TECHNOLOGIES.map(({ id, title, says }) => (
                  <th key={id} scope="col">
                    {title} <span className="faint">{says}</span>
                    <Counts pieces={view.pieces.filter(({ technology }) => technology === id)} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ lane, pieces }) => (
                <tr key={lane.id}>
                  <th scope="row">{lane.name}</th>
                  {TECHNOLOGIES.map(({ id, title }) => (
                    <td key={id} data-technology={title}>
                      <Pieces pieces={pieces.filter(({ technology }) => technology === id)} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
      <Panel title="On the way there" aside={`${view.timeline.length} dates`}>
        <ol className="enabling-dates">
          {view.timeline.map(({ date, what, who, status }) => (
            <li key={`${date} ${what}`}>
              <time className="mono">{date}</time>
              <StatusMark status={status} />
              <span>
                {what}
                {who && <span className="faint"> · {who}</span>}
              </span>
            </li>
          ))}
        </ol>
      </Panel>
    </>
  );
}

function Counts({ pieces }: { readonly pieces: readonly Piece[] }) {
  const counts = new Map<Piece['status'], number>();
  for (const { status } of pieces) counts.set(status, (counts.get(status) ?? 0) + 1);
  return (
    <span className="enabling-counts">
      {[...counts].map(([status, count]) => `${count} ${statusWord(status)}`).join(', ')}
    </span>
  );
}

function Pieces({ pieces }: { readonly pieces: readonly Piece[] }) {
  if (pieces.length === 0) return <span className="faint">nothing of its own</span>;
  return (
    <ul>
      {pieces.map(({ name, status, note, source, insteadOf }) => (
        <li key={name} title={source}>
          <code>{name}</code> <StatusMark status={status} />
          {note && <span className="enabling-note">{note}</span>}
          {insteadOf && <span className="enabling-note">in place of {insteadOf}</span>}
        </li>
      ))}
    </ul>
  );
}
