import { hex, PAGE_SIZE } from '../../../engine/core/address';
import type { PageState } from '../../../engine/rmp/types';
import { selectPage } from '../../../store/view';
import type { RmpPageRun } from '../../../worker/protocol';
import { useEngineQuery } from '../../kit/useEngineQuery';

/** Runs of pages that are written out. */
const SHOWN = 12;

/** The pages that are in a state now; each can be selected. */
export function StatePages({ state }: { readonly state: PageState }) {
  const { value, key } = useEngineQuery(`rmp pages ${state}`, (api) => api.rmpPagesIn(state));
  if (!value || key !== `rmp pages ${state}`) return null;
  if (value.length === 0) return <p className="faint">No page is in this state now.</p>;
  return (
    <ul className="page-runs" aria-label={`Pages in state ${state}`}>
      {value.slice(0, SHOWN).map((run) => (
        <li key={run.first}>
          <button type="button" className="button button-link mono" onClick={() => selectPage(run.first)}>
            {rangeOf(run)}
          </button>
        </li>
      ))}
      {value.length > SHOWN && <li className="faint">and more</li>}
    </ul>
  );
}

const rangeOf = ({ first, count }: RmpPageRun): string =>
  count === 1 ? hex(first * PAGE_SIZE) : `${hex(first * PAGE_SIZE)} +${(count - 1).toLocaleString('en')}`;
