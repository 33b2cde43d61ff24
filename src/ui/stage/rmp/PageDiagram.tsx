import { PAGE_STATES, type PageState } from '../../../engine/rmp/types';
import type { RmpMachineView } from '../../../worker/protocol';
import { Diagram } from '../shared/Diagram';
import type { Arrow } from '../shared/diagramLayout';
import { ANY_COMMAND, isOfInit, layoutWith, moversBetween, shortName } from './pageLayout';
import { isPicked, type Picked } from './picked';
import { STATE_WORDS } from './words';

interface Props {
  readonly machine: RmpMachineView;
  readonly picked: Picked;
  readonly onPick: (picked: Picked) => void;
}

/** The states of pages with how many pages are in each, and who takes a page from one to the other. */
export function PageDiagram({ machine, picked, onPick }: Props) {
  const near = machine.edges.filter(
    (edge) => isPicked(picked, edge) && (!isOfInit(edge) || picked.kind === 'edge'),
  );
  const layout = layoutWith([...near, ...machine.path]);
  const walked = (arrow: Pick<Arrow, 'from' | 'to'>): boolean =>
    machine.path.some(({ from, to }) => from === arrow.from && to === arrow.to);
  return (
    <Diagram
      label="States of pages"
      wide={layout}
      tone={(arrow) =>
        near.some((edge) => edge.from === arrow.from && edge.to === arrow.to)
          ? 'on'
          : walked(arrow)
            ? 'usual'
            : 'off'
      }
      box={(id) => <StateBox state={id as PageState} {...{ machine, picked, onPick }} />}
      onArrow={({ from, to }) => {
        const names = moversBetween(machine.edges, from, to);
        const shown = names.filter((name) => name !== ANY_COMMAND);
        return (
          <button
            type="button"
            className="page-edge mono"
            data-walked={walked({ from, to })}
            aria-pressed={picked.kind === 'edge' && picked.from === from && picked.to === to}
            aria-label={`From ${from} to ${to}: ${names.join(', ')}${walked({ from, to }) ? ', taken by this page' : ''}`}
            onClick={() => onPick({ kind: 'edge', from: from as PageState, to: to as PageState })}
          >
            {shown.length > 2 ? (
              <span>
                {shortName(shown[0] ?? '')} +{shown.length - 1}
              </span>
            ) : (
              shown.map((name) => <span key={name}>{shortName(name)}</span>)
            )}
          </button>
        );
      }}
    />
  );
}

function StateBox({ state, machine, picked, onPick }: Props & { readonly state: PageState }) {
  const count = machine.counts[PAGE_STATES.indexOf(state)] ?? 0;
  const here = machine.current === state;
  return (
    <button
      type="button"
      className="page-state"
      data-here={here}
      data-empty={count === 0}
      aria-pressed={picked.kind === 'state' && picked.state === state}
      title={STATE_WORDS[state]}
      onClick={() => onPick({ kind: 'state', state })}
    >
      <span className="page-state-name">{state}</span>
      <span className="page-state-count">
        {count.toLocaleString('en')}
        <span className="visually-hidden"> pages</span>
        {here && <strong className="page-state-here">this page</strong>}
      </span>
    </button>
  );
}
