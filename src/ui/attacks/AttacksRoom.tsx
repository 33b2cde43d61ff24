import { X } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { computeMatrix, matrixStore } from '../../store/attackMatrix';
import { openRoom } from '../../store/view';
import { useEngine } from '../kit/stores';
import { useGrowing } from '../kit/useGrowing';
import { Waiting } from '../kit/Waiting';
import { Described } from './Described';
import { Filters } from './Filters';
import { EVERYTHING, filtered } from './filter';
import { MatrixProgress } from './MatrixProgress';
import { MatrixTable } from './MatrixTable';
import { OutcomeMark } from './OutcomeMark';
import { OUTCOME_WORDS, OUTCOMES } from './words';
import './attacks.css';

const ROWS_A_FRAME = 8;

/** Every attack on every technology, each cell computed by playing it. `rest`: the described attack to show. */
export default function AttacksRoom({ rest }: { readonly rest: string }) {
  const cards = useEngine((state) => state.attacks);
  const rows = useDeferredValue(useStore(matrixStore, (matrix) => matrix.rows));
  const [filter, setFilter] = useState(EVERYTHING);
  const heading = useRef<HTMLHeadingElement>(null);
  const ready = cards.length > 0;
  const ordered = useMemo(() => [...cards].sort((a, b) => a.tier - b.tier || a.year - b.year), [cards]);
  useEffect(() => {
    if (!ready) return;
    computeMatrix(ordered);
    heading.current?.focus({ preventScroll: rest !== '' });
  }, [ready, ordered, rest]);
  const shown = useMemo(() => filtered(ordered, filter), [ordered, filter]);
  const drawn = useGrowing(shown.length, ROWS_A_FRAME);
  if (!ready) return <Waiting what="Reading the attacks" />;
  return (
    <div className="attacks scrolls">
      <header className="attacks-head">
        <div>
          <h2 ref={heading} tabIndex={-1}>
            Attacks on every technology
          </h2>
          <p>Each cell was computed by playing the attack on that machine. Press one to see that very run.</p>
        </div>
        <button type="button" className="button" onClick={() => openRoom(null)}>
          <X aria-hidden />
          Back to the machine
        </button>
      </header>
      <div className="attacks-bar">
        <Filters cards={cards} filter={filter} onFilter={setFilter} />
        <MatrixProgress cards={ordered} />
      </div>
      <ul className="attacks-legend" aria-label="Legend">
        {OUTCOME_WORDS.map((outcome) => (
          <li key={outcome}>
            <OutcomeMark outcome={outcome} />
            {OUTCOMES[outcome].means}
          </li>
        ))}
      </ul>
      {shown.length === 0 ? (
        <p className="attacks-none">No attack is like that.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <section className="attacks-box" aria-label="The matrix" tabIndex={0}>
          <MatrixTable cards={shown.slice(0, drawn)} rows={rows} />
        </section>
      )}
      <Described open={rest} settled={drawn === shown.length} />
    </div>
  );
}
