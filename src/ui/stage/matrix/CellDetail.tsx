import { PAGE_SIZE, pfnOf } from '../../../engine/core/address';
import { openTab, selectPage } from '../../../store/view';
import type { GuestSummary, MatrixView } from '../../../worker/protocol';
import { FaultCard } from '../../kit/FaultCard';
import { byteChar, byteHex } from '../../kit/hexRows';
import { Panel } from '../../kit/Panel';
import { keySelector, keyWords, written } from '../shared/names';
import { type Cell, RESULTS } from './words';

interface Props {
  readonly reader: string;
  readonly target: MatrixView['targets'][number];
  readonly cell: Cell;
  readonly guests: readonly GuestSummary[];
}

const SHOWN = 32;

/** What one read brought: the owner's bytes and the reader's side by side, and why they are the same or not. */
export function CellDetail({ reader, target, cell, guests }: Props) {
  const { means } = RESULTS[cell.result];
  const selector = keySelector(cell.key);
  const key = selector === null ? cell.key : keyWords(selector, guests);
  return (
    <Panel
      title={`${written(reader)} reads ${written(target.name)}`}
      aside={cell.fault ? undefined : `with ${key}`}
    >
      <p>{means}</p>
      {cell.fault ? (
        <FaultCard fault={cell.fault} />
      ) : (
        <dl className="cell-bytes mono">
          <dt>as written</dt>
          <dd>{digits(target.plaintext)}</dd>
          <dd className="cell-text">{characters(target.plaintext)}</dd>
          <dt>as read</dt>
          <dd>{digits(cell.bytes ?? new Uint8Array())}</dd>
          <dd className="cell-text">{characters(cell.bytes ?? new Uint8Array())}</dd>
        </dl>
      )}
      <button
        type="button"
        className="button button-small"
        onClick={() => {
          selectPage(pfnOf(target.address), target.address % PAGE_SIZE);
          openTab('memory');
        }}
      >
        Look at the page
      </button>
    </Panel>
  );
}

const digits = (bytes: Uint8Array): string => Array.from(bytes.subarray(0, SHOWN), byteHex).join(' ');
const characters = (bytes: Uint8Array): string => Array.from(bytes.subarray(0, SHOWN), byteChar).join('');
