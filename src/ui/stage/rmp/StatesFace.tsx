import { useState } from 'react';
import { hex, PAGE_SIZE } from '../../../engine/core/address';
import type { GuestSummary, RmpMachineView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Answered } from '../shared/Answered';
import { EdgeList } from './EdgeList';
import { PageDiagram } from './PageDiagram';
import { PagePath } from './PagePath';
import type { Picked } from './picked';
import { StateList } from './StateList';
import './states.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** The states of pages as a machine: how many are in each, who takes which edge, and the way of the selected page. */
export function StatesFace({ pfn }: { readonly pfn: number }) {
  const answer = useEngineQuery(`rmp machine ${pfn}`, async (api) => ({
    pfn,
    view: await api.rmpMachine(pfn),
  }));
  return (
    <Answered answer={answer} what="the states of its pages">
      {({ view, pfn: of }) => view && <States machine={view} pfn={of} />}
    </Answered>
  );
}

function States({ machine, pfn }: { readonly machine: RmpMachineView; readonly pfn: number }) {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const [chosen, setChosen] = useState<Picked | null>(null);
  const picked: Picked = chosen ?? { kind: 'state', state: machine.current };
  const parts = { machine, picked, onPick: setChosen };
  return (
    <div className="page-machine">
      <Panel title="States of pages">
        <p className="visually-hidden" role="status">
          Page {hex(pfn * PAGE_SIZE)} is {machine.current}.
        </p>
        <div className="page-diagram">
          <PageDiagram {...parts} />
        </div>
        <StateList {...parts} />
        <p className="faint">
          Choose a state for all of its edges, or what is written on an arrow for who takes it and why; solid
          are those that the page has taken. From every state but Default, SNP_INIT leads to Hypervisor,
          HV-fixed or Firmware. RMPUPDATE leads from every state that is not immutable to each that it can
          write; the picture shows those of an ordinary life.
        </p>
      </Panel>
      <div className="page-side">
        <PagePath
          title={`The way of page ${hex(pfn * PAGE_SIZE)}`}
          machine={machine}
          guests={guests}
          onPick={setChosen}
        />
        <EdgeList {...parts} />
      </div>
    </div>
  );
}
