import { useMemo, useRef } from 'react';
import type { AccessView, ChipView, GuestSummary } from '../../../worker/protocol';
import { useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Empty } from '../../kit/Waiting';
import { Answered } from '../shared/Answered';
import { AccessBar } from './AccessBar';
import { CacheBox } from './CacheBox';
import { ControllerBox } from './ControllerBox';
import { CoreBox } from './CoreBox';
import { DramBox } from './DramBox';
import { addressSoFar, lastTransfer, named, type Place, route, wiresPassed } from './route';
import { AspBox, DeviceBox } from './SideBoxes';
import { stepsOf } from './steps';
import { Way } from './Way';
import { type Wire, Wires } from './Wires';
import '../../kit/panel.css';
import './machine.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** The machine from inside: one access on its way from a core through cache and AES engine to the DRAM. */
export default function MachineTab() {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const answer = useEngineQuery('machine', async (api) => {
    const [chip, access] = await Promise.all([api.chip(), api.access()]);
    return { chip, access };
  });
  return (
    <Answered answer={answer} what="what its parts hold">
      {({ chip, access }) => <Machine {...{ chip, access, guests }} />}
    </Answered>
  );
}

/** Wires that are always there. */
const IDLE: readonly Wire[] = [
  { from: 'core', to: 'cache', state: 'idle' },
  { from: 'cache', to: 'engine', state: 'idle' },
  { from: 'engine', to: 'dram', state: 'idle' },
  { from: 'device', to: 'engine', state: 'idle' },
  { from: 'asp', to: 'slots', state: 'keys' },
];

const joins = (a: Wire, b: Wire): boolean =>
  (a.from === b.from && a.to === b.to) || (a.from === b.to && a.to === b.from);

/** Those and the ones on which the access was or is. */
function wiring(passed: readonly { from: Place; to: Place }[], moving: boolean, refused: boolean): Wire[] {
  const used = passed.map<Wire>(({ from, to }, index) => {
    const last = index === passed.length - 1;
    return { from, to, state: last && refused ? 'refused' : last && moving ? 'now' : 'passed' };
  });
  const latest = used.filter((wire, index) => !used.slice(index + 1).some((later) => joins(wire, later)));
  return [...IDLE.filter((wire) => !latest.some((other) => joins(wire, other))), ...latest];
}

interface Props {
  readonly chip: ChipView;
  readonly access: AccessView | null;
  readonly guests: readonly GuestSummary[];
}

function Machine({ chip, access, guests }: Props) {
  const board = useRef<HTMLDivElement>(null);
  const reached = access?.reached ?? 0;
  const stops = useMemo(() => (access ? route(access) : []), [access]);
  const steps = useMemo(() => stepsOf(stops), [stops]);
  const here = stops[reached - 1];
  const place = here?.place ?? null;
  const moving = reached > 1 && stops[reached - 2]?.place !== place;
  const wires = useMemo(
    () => wiring(wiresPassed(stops, reached), moving, here?.refused ?? false),
    [stops, reached, moving, here],
  );
  const address = addressSoFar(stops, reached);
  const core = named(stops, 'core') ?? 0;
  const complex = named(stops, 'complex') ?? chip.cores.find(({ id }) => id === core)?.complex ?? 0;
  const chosen = stops.slice(0, reached).findLast(({ hop }) => typeof hop.data.selector === 'number')?.hop
    .data.selector;
  const number = steps.findLastIndex((step) => step.from < reached) + 1;

  return (
    <div className="machine">
      {access ? (
        <AccessBar {...{ access, steps, guests }} />
      ) : (
        <p className="stage-bar faint">
          No access yet at this moment. Step on, or let somebody read or write: its way is drawn here.
        </p>
      )}
      <div ref={board} className="board" data-refused={here?.refused ?? false}>
        <Wires board={board} wires={wires} number={number} />
        <section className="chip" aria-label="System on chip">
          <p className="overline">System on chip</p>
          <CoreBox {...{ chip, guests }} active={core} lit={place === 'core'} />
          <CacheBox {...{ chip, guests, complex, address }} lit={place === 'cache'} />
          <ControllerBox
            {...{ chip, guests }}
            transfer={lastTransfer(stops, reached)}
            selector={typeof chosen === 'number' ? chosen : null}
            lit={place === 'engine'}
          />
          <AspBox asp={chip.asp} guests={guests} />
          <DeviceBox device={chip.device} guests={guests} lit={place === 'device'} />
        </section>
        <DramBox address={address} lit={place === 'dram'} />
      </div>
      {access ? <Way steps={steps} reached={reached} /> : <Empty title="Nothing is on its way" />}
    </div>
  );
}
