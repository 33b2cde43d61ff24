import { Columns3 } from 'lucide-react';
import { memo } from 'react';
import type { Row } from '../../store/attackMatrix';
import { openPlace } from '../../store/session';
import { openRoom } from '../../store/view';
import type { AttackCard } from '../../worker/protocol';
import { levelsOf, mitigationsOf } from './columns';
import { OutcomeCell } from './OutcomeCell';

interface Props {
  readonly card: AttackCard;
  readonly row: Row | undefined;
  readonly number: number;
  /** The cell of this row that the Tab key reaches; null: one of another row. */
  readonly reached: number | null;
}

/** An attack, and what it came to on each machine. */
export const MatrixRow = memo(({ card, row, number, reached }: Props) => {
  const { title, year, tier, cve } = card;
  const levels = levelsOf(card);
  const mitigations = mitigationsOf(card);
  return (
    <tr data-row={number}>
      <th scope="row">
        <button
          type="button"
          className="button button-link"
          tabIndex={-1}
          onClick={() => void openPlace({ kind: 'scenario', id: card.id, step: 0 })}
        >
          {title}
        </button>
        <button
          type="button"
          className="button button-quiet button-icon attack-compare"
          aria-label={`Compare: ${title} on several machines side by side`}
          title="Compare: several machines side by side"
          tabIndex={reached === null ? -1 : 0}
          onClick={() => openRoom(`compare/${card.id}`)}
        >
          <Columns3 aria-hidden />
        </button>
        <span className="attack-about">
          {year} · tier {tier}
          {cve[0] && ` · ${cve[0]}${cve.length > 1 ? ' …' : ''}`}
        </span>
      </th>
      {levels.map((column, at) =>
        column ? (
          <td key={column.name}>
            <OutcomeCell
              card={card}
              column={column}
              cell={row?.[column.name]}
              at={at}
              reachable={reached === at}
            />
          </td>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the levels never move
          <td key={at} className="outcome-unasked">
            <span className="visually-hidden">not tried</span>
          </td>
        ),
      )}
      <td className="outcome-mitigations">
        {mitigations.map((column, i) => (
          <OutcomeCell
            key={column.name}
            card={card}
            column={column}
            cell={row?.[column.name]}
            at={levels.length + i}
            reachable={reached === levels.length + i}
          />
        ))}
      </td>
    </tr>
  );
});
