import { useState } from 'react';
import { LEVELS } from '../../lab/levels';
import type { AttackMatrix } from '../../store/attackMatrix';
import type { AttackCard } from '../../worker/protocol';
import { MatrixRow } from './MatrixRow';
import { cellFor } from './moves';

/** The first cell that every row has. */
const FIRST = LEVELS.findIndex(({ technology }) => technology !== 'off');

interface Props {
  readonly cards: readonly AttackCard[];
  readonly rows: AttackMatrix['rows'];
}

/** Attack × technology. Tab reaches one cell, the arrow keys the others and the headings of the rows. */
export function MatrixTable({ cards, rows }: Props) {
  const [place, setPlace] = useState({ row: 0, at: FIRST });
  const reachedRow = Math.min(place.row, cards.length - 1);

  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>) => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('button');
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = cellFor(event.currentTarget, cell, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  const onFocus = ({ target }: React.FocusEvent<HTMLElement>) => {
    const at = target.dataset.at;
    const row = target.closest<HTMLElement>('tr')?.dataset.row;
    if (at !== undefined && row !== undefined) setPlace({ row: Number(row), at: Number(at) });
  };

  return (
    <table className="attack-matrix" onKeyDown={onKeyDown} onFocus={onFocus}>
      <caption className="visually-hidden">
        Attacks by technology. Each cell was computed by playing the attack on that machine; pressing it opens
        that run.
      </caption>
      <thead>
        <tr>
          <th scope="col">Attack</th>
          {LEVELS.map(({ name }) => (
            <th key={name} scope="col">
              {name === 'NONE' ? 'None' : name}
            </th>
          ))}
          <th scope="col">SEV-SNP with a mitigation</th>
        </tr>
      </thead>
      <tbody>
        {cards.map((card, number) => (
          <MatrixRow
            key={card.id}
            card={card}
            row={rows[card.id]}
            number={number}
            reached={number === reachedRow ? nearestOf(card, place.at) : null}
          />
        ))}
      </tbody>
    </table>
  );
}

/** The cell of a row that stands for a column that it may not have. */
function nearestOf({ from, mitigations }: AttackCard, at: number): number {
  const first = from === 'off' ? 0 : FIRST;
  return Math.min(Math.max(at, first), LEVELS.length - 1 + mitigations.length);
}
