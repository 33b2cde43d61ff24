import { useState } from 'react';
import type { GuestSummary, RegistersView, SideView, VcpuChoice } from '../../../worker/protocol';
import { Segmented } from '../../kit/Segmented';
import { useEngine, useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Empty } from '../../kit/Waiting';
import { useSize } from '../../timeline/useSize';
import { ActionButton } from '../shared/ActionButton';
import { Answered } from '../shared/Answered';
import { ExitsFace } from './ExitsFace';
import { GhcbFace } from './GhcbFace';
import { NextStrip } from './NextStrip';
import { ProgramFace } from './ProgramFace';
import { RegistersFace } from './RegistersFace';
import { SideChoice } from './SideChoice';
import './registers.css';
import './exits.css';
import './ghcb.css';
import './program.css';

const NO_GUESTS: readonly GuestSummary[] = [];

const FACES = [
  { value: 'registers', title: 'Registers' },
  { value: 'exits', title: 'Exits' },
  { value: 'ghcb', title: 'GHCB' },
  { value: 'program', title: 'Program' },
] as const;
type Face = (typeof FACES)[number]['value'];

const isFace = (name: string | undefined): name is Face => FACES.some(({ value }) => value === name);

/** The face that the script’s step wants to be seen on, with the step: a step of a scenario names it as its `eye`. */
function useWished(): string | null {
  return useEngine(({ script, status }) => {
    const step = status?.scenario?.step ?? 0;
    const view = script?.steps[step - 1]?.view;
    return view?.tab === 'registers' && view.eye ? `${view.eye} ${step}` : null;
  });
}

/** The face in front: what was chosen last, by the person or by a step of the script. */
function useFace(): readonly [Face, (face: Face) => void] {
  const wished = useWished();
  const named = wished?.split(' ')[0];
  const [seen, setSeen] = useState(wished);
  const [face, setFace] = useState<Face>(isFace(named) ? named : 'registers');
  if (seen !== wished) {
    setSeen(wished);
    if (isFace(named)) setFace(named);
  }
  return [face, setFace];
}

/** What somebody chose to look at: one vCPU or two; null: what the machine thinks worth it. */
type Chosen = readonly VcpuChoice[] | null;

const keyOf = (choices: readonly VcpuChoice[]): string =>
  choices.map(({ guest, vcpu }) => `${guest}/${vcpu}`).join(' ');

/** A guest’s registers, its exits, its GHCB and its program, by who can read them. */
export default function RegistersTab() {
  const [face, setFace] = useFace();
  const [chosen, setChosen] = useState<Chosen>(null);
  const [element, { width }] = useSize<HTMLDivElement>();
  const answer = useEngineQuery(`registers ${keyOf(chosen ?? [])}`, (api) => api.registers(chosen ?? []));
  return (
    <div className="regs" ref={element}>
      <Answered answer={answer} what="the registers">
        {(view) =>
          view.sides.length === 0 ? (
            <NoGuest />
          ) : (
            <>
              <div className="stage-bar">
                <Segmented
                  className="small"
                  label="What to show"
                  value={face}
                  options={FACES}
                  onChange={setFace}
                />
                <Choices view={view} onChoose={setChosen} />
              </div>
              <Faces face={face} sides={view.sides} width={width} />
            </>
          )
        }
      </Answered>
    </div>
  );
}

interface FacesProps {
  readonly face: Face;
  readonly sides: readonly SideView[];
  readonly width: number;
}

function Faces({ face, sides, width }: FacesProps) {
  const guests = useStatus((status) => status.guests) ?? NO_GUESTS;
  const answer = useEngineQuery(`programs ${keyOf(sides)}`, (api) =>
    Promise.all(sides.map(({ guest, vcpu }) => api.program({ guest, vcpu }))),
  );
  const programs = answer.value?.filter((program) => program !== null);
  return (
    <>
      {programs && face !== 'program' && <NextStrip programs={programs} guests={guests} />}
      {face === 'registers' && <RegistersFace sides={sides} guests={guests} width={width} />}
      {face === 'exits' && <ExitsFace sides={sides} guests={guests} />}
      {face === 'ghcb' && <GhcbFace sides={sides} guests={guests} />}
      {face === 'program' && programs && <ProgramFace programs={programs} guests={guests} />}
    </>
  );
}

function NoGuest() {
  return (
    <Empty title="No guest runs on this machine">
      <p>Registers belong to a vCPU. Let the toolstack create a guest first.</p>
      <ActionButton type="xl.create" args={{ config: 'alice.cfg' }}>
        xl create alice.cfg
      </ActionButton>
    </Empty>
  );
}

interface ChoicesProps {
  readonly view: RegistersView;
  readonly onChoose: (chosen: Chosen) => void;
}

/** The vCPU on the left, and the one beside it. */
function Choices({ view, onChoose }: ChoicesProps) {
  const { guests, sides } = view;
  const [left, right = null] = sides;
  if (!left) return null;
  const others = guests.reduce((sum, { vcpus }) => sum + vcpus, 0) > 1;
  return (
    <div className="reg-choices push">
      <SideChoice
        label="Guest on the left"
        guests={guests}
        value={left}
        onChange={(choice) => choice && onChoose(right ? [choice, right] : [choice])}
      />
      {others && (
        <SideChoice
          label="Guest on the right"
          guests={guests}
          value={right}
          none="alone"
          onChange={(choice) => onChoose(choice ? [left, choice] : [left])}
        />
      )}
    </div>
  );
}
