import { ATTACK_CHECKS } from '../../scenario/checks';
import type { Row } from '../../store/attackMatrix';
import { openPlace } from '../../store/session';
import { showStep } from '../../store/transport';
import type { AttackCard } from '../../worker/protocol';
import { type Column, placeOf, spokenColumn } from './columns';
import { OUTCOMES } from './words';
import './outcome.css';

interface Props {
  readonly card: AttackCard;
  readonly column: Column;
  readonly cell: Row[string] | undefined;
  /** Its place among the cells of the row. */
  readonly at: number;
  readonly reachable: boolean;
}

/** What an attack came to on one machine; pressed, that very run at the step that decides. */
export function OutcomeCell({ card, column, cell, at, reachable }: Props) {
  const found = cell && 'outcome' in cell ? cell : null;
  const words = found && OUTCOMES[found.outcome];
  const word = words?.word ?? (cell ? 'could not be played' : 'not played yet');
  const check = found?.check ?? null;
  const Icon = words?.icon;
  return (
    <button
      type="button"
      className="outcome"
      data-outcome={found?.outcome ?? (cell ? 'broken' : 'open')}
      data-at={at}
      tabIndex={reachable ? 0 : -1}
      aria-label={`${card.title}, ${spokenColumn(column)}: ${word}${check ? `, ${check}` : ''}`}
      title={explained(column, cell)}
      onClick={() => void openCell(card, column, found?.step ?? null)}
    >
      {column.mitigation !== null && <span className="outcome-mitigation">{column.name}</span>}
      <span className="outcome-word">
        {Icon ? <Icon aria-hidden /> : <span className="outcome-none">{cell ? '!' : '·'}</span>}
        {(found || cell) && word}
      </span>
      {check && <code>{check}</code>}
    </button>
  );
}

function explained({ says }: Column, cell: Row[string] | undefined): string {
  const mitigation = says ? [says] : [];
  if (!cell) return [...mitigation, 'Not played yet.'].join('\n');
  if (!('outcome' in cell)) return [...mitigation, cell.why].join('\n');
  const check = cell.check ? [`${cell.check}: ${ATTACK_CHECKS[cell.check].says}`] : [];
  return [...mitigation, ...check, cell.says || OUTCOMES[cell.outcome].means].join('\n');
}

async function openCell(card: AttackCard, column: Column, step: number | null): Promise<void> {
  if ((await openPlace(placeOf(card, column, step))) && step !== null) showStep(step);
}
