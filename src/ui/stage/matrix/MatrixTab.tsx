import { useState } from 'react';
import type { GuestSummary, MatrixView } from '../../../worker/protocol';
import { byteChar } from '../../kit/hexRows';
import { useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Empty } from '../../kit/Waiting';
import { Answered } from '../shared/Answered';
import { written } from '../shared/names';
import { OwnerName } from '../shared/OwnerName';
import { CellDetail } from './CellDetail';
import { type Cell, type CellResult, ownerIn, RESULTS } from './words';
import './matrix.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** Who can read whom: every cell is a read that was really made. */
export default function MatrixTab() {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const answer = useEngineQuery('matrix', (api) => api.matrix());
  return (
    <Answered answer={answer} what="who can read whom">
      {(matrix) =>
        matrix.targets.length === 0 ? (
          <Empty title="Nobody keeps anything yet">
            <p>Create a guest and let it write something: then everybody tries to read it.</p>
          </Empty>
        ) : (
          <Matrix matrix={matrix} guests={guests} />
        )
      }
    </Answered>
  );
}

function Matrix({
  matrix,
  guests,
}: {
  readonly matrix: MatrixView;
  readonly guests: readonly GuestSummary[];
}) {
  const { readers, targets, cells } = matrix;
  const [chosen, setChosen] = useState<readonly [number, number]>([0, 0]);
  const row = Math.min(chosen[0], readers.length - 1);
  const column = Math.min(chosen[1], targets.length - 1);
  const cell = cells[row]?.[column];
  const target = targets[column];
  return (
    <div className="matrix">
      <p className="faint">
        Each cell is the result of a real read at this moment, of the first 64 bytes, by the reader’s own way
        and with the reader’s own key.
      </p>
      <div className="matrix-box">
        <table>
          <caption className="visually-hidden">Who can read whom; rows read, columns are read</caption>
          <thead>
            <tr>
              <th scope="col" className="matrix-corner">
                reads ↓ of →
              </th>
              {targets.map(({ name }) => (
                <th key={name} scope="col">
                  <OwnerName name={ownerIn(name)} guests={guests}>
                    {written(name)}
                  </OwnerName>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {readers.map((reader, r) => (
              <tr key={reader}>
                <th scope="row">
                  <OwnerName name={ownerIn(reader)} guests={guests}>
                    {reader.startsWith('xen') ? reader.replace('xen', 'Xen') : written(reader)}
                  </OwnerName>
                </th>
                {(cells[r] ?? []).map((one, c) => (
                  <td key={targets[c]?.name ?? c} data-result={one.result}>
                    <CellButton
                      cell={one}
                      pressed={r === row && c === column}
                      onPress={() => setChosen([r, c])}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Legend />
      {cell && target && (
        <CellDetail reader={readers[row] ?? ''} target={target} cell={cell} guests={guests} />
      )}
    </div>
  );
}

interface CellProps {
  readonly cell: Cell;
  readonly pressed: boolean;
  readonly onPress: () => void;
}

function CellButton({ cell, pressed, onPress }: CellProps) {
  const { icon: Icon, word } = RESULTS[cell.result];
  const glimpse = cell.bytes
    ? Array.from(cell.bytes.subarray(0, 12), byteChar).join('')
    : (cell.fault?.name ?? '');
  return (
    <button type="button" className="cell" data-result={cell.result} aria-pressed={pressed} onClick={onPress}>
      <Icon size={16} aria-hidden="true" />
      <span className="cell-word">{word}</span>
      <code aria-hidden="true">{glimpse}</code>
    </button>
  );
}

function Legend() {
  return (
    <ul className="matrix-legend">
      {(Object.keys(RESULTS) as CellResult[]).map((result) => {
        const { icon: Icon, word, means } = RESULTS[result];
        return (
          <li key={result}>
            <span className="cell" data-result={result}>
              <Icon size={14} aria-hidden="true" /> {word}
            </span>
            {means}
          </li>
        );
      })}
    </ul>
  );
}
