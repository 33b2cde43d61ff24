import { PAGE_STATES } from '../../../engine/rmp/types';
import type { RmpMachineView } from '../../../worker/protocol';
import type { Picked } from './picked';

interface Props {
  readonly machine: RmpMachineView;
  readonly picked: Picked;
  readonly onPick: (picked: Picked) => void;
}

/** The states as a list, where there is no room for the picture. */
export function StateList({ machine, picked, onPick }: Props) {
  return (
    <ul className="page-list" aria-label="States of pages, as a list">
      {PAGE_STATES.map((state, i) => (
        <li key={state}>
          <button
            type="button"
            className="button button-small"
            aria-pressed={picked.kind === 'state' && picked.state === state}
            onClick={() => onPick({ kind: 'state', state })}
          >
            {state}
          </button>
          <span>{(machine.counts[i] ?? 0).toLocaleString('en')}</span>
          {machine.current === state && <strong>this page</strong>}
        </li>
      ))}
    </ul>
  );
}
