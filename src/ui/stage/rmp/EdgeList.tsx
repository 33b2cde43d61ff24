import { ArrowRight } from 'lucide-react';
import type { PageEdge } from '../../../engine/asp/snp/pageMachine';
import { hex, PAGE_SIZE } from '../../../engine/core/address';
import type { RmpMachineView, RmpMoveView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { RuleNote } from '../../kit/RuleNote';
import { Jump } from './Jump';
import { ANY_COMMAND } from './pageLayout';
import { isPicked, type Picked } from './picked';
import { StatePages } from './StatePages';
import { STATE_WORDS } from './words';

interface Props {
  readonly machine: RmpMachineView;
  readonly picked: Picked;
  readonly onPick: (picked: Picked) => void;
}

/** What is known of the state or the edge that is looked at: every edge by who takes it, with its rule and its last time. */
export function EdgeList({ machine, picked, onPick }: Props) {
  if (picked.kind === 'edge') {
    const { from, to } = picked;
    const edges = machine.edges.filter((edge) => edge.from === from && edge.to === to);
    return (
      <Panel
        title={
          <>
            {from} <ArrowRight size={14} aria-label="to" /> {to}
          </>
        }
      >
        <ul className="page-edges">
          {edges.map((edge) => (
            <EdgeItem key={machine.edges.indexOf(edge)} edge={edge} machine={machine} />
          ))}
        </ul>
      </Panel>
    );
  }
  const { state } = picked;
  const near = machine.edges.filter((edge) => isPicked(picked, edge));
  return (
    <Panel title={state}>
      <p>{STATE_WORDS[state]}</p>
      <StatePages state={state} />
      <Ways
        title="Leads to"
        edges={near.filter(({ from, to }) => from === state && to !== state)}
        end="to"
        {...{ machine, onPick }}
      />
      <Ways
        title="Comes from"
        edges={near.filter(({ from, to }) => to === state && from !== state)}
        end="from"
        {...{ machine, onPick }}
      />
      <Ways
        title="Stays"
        edges={near.filter(({ from, to }) => from === to)}
        end="to"
        {...{ machine, onPick }}
      />
      {near.length === 0 && <p className="faint">Nothing leads here, and nothing away.</p>}
    </Panel>
  );
}

interface WaysProps extends Omit<Props, 'picked'> {
  readonly title: string;
  readonly edges: readonly PageEdge[];
  readonly end: 'from' | 'to';
}

/** The states at the other end of some edges, each with who leads there. */
function Ways({ title, edges, end, machine, onPick }: WaysProps) {
  if (edges.length === 0) return null;
  const states = [...new Set(edges.map((edge) => edge[end]))];
  return (
    <section>
      <h4 className="overline">{title}</h4>
      <ul className="page-ways" aria-label={title}>
        {states.map((other) => {
          const those = edges.filter((edge) => edge[end] === other);
          const [first] = those;
          const names = [...new Set(those.flatMap(({ by }) => by))];
          const taken = those.some((edge) => lastOf(machine, edge));
          return (
            <li key={other}>
              <button
                type="button"
                className="button button-link"
                onClick={() => first && onPick({ kind: 'edge', from: first.from, to: first.to })}
              >
                {other}
              </button>
              <span className="mono">{names.join(', ')}</span>
              {taken && <span className="page-taken">taken</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const lastOf = ({ taken, edges }: RmpMachineView, edge: PageEdge): RmpMoveView | undefined => {
  const index = edges.indexOf(edge);
  return taken.find((move) => move.edge === index);
};

const MOVERS: Readonly<Record<string, string>> = {
  RMPUPDATE: 'the hypervisor',
  PSMASH: 'the hypervisor',
  PVALIDATE: 'the guest',
  RMPADJUST: 'the guest',
  [ANY_COMMAND]: 'the secure processor, after any command whose buffer it wrote',
};

function EdgeItem({ edge, machine }: { readonly edge: PageEdge; readonly machine: RmpMachineView }) {
  const last = lastOf(machine, edge);
  const [first = ''] = edge.by;
  return (
    <li>
      <p>
        <strong className="mono">{edge.by.join(', ')}</strong>
        <span className="faint"> by {MOVERS[first] ?? 'the secure processor'}</span>
        {edge.when && <span> when {edge.when}</span>}
      </p>
      <RuleNote rule={edge.rule} />
      {edge.from !== edge.to &&
        (last ? (
          <p>
            Last taken in “{last.action}”{pagesOf(last)}: <Jump moment={last} />
          </p>
        ) : (
          <p className="faint">Not taken so far.</p>
        ))}
    </li>
  );
}

const pagesOf = ({ first, count }: RmpMoveView): string =>
  `, ${count === 1 ? 'page' : `${count.toLocaleString('en')} pages from`} ${hex(first * PAGE_SIZE)}`;
