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
import { Runs } from './Runs';
import { SideChoice } from './SideChoice';
import { FACES, type Face, wishOf } from './wish';
import './registers.css';
import './exits.css';
import './ghcb.css';
import './program.css';

const NO_GUESTS: readonly GuestSummary[] = [];

/** The `eye` of the script’s step, with the step; null: it says nothing about this tab. */
function useWished(): string | null {
  return useEngine(({ script, status }) => {
    const step = status?.scenario?.step ?? 0;
    const view = script?.steps[step - 1]?.view;
    return view?.tab === 'registers' && view.eye ? `${step} ${view.eye}` : null;
  });
}

/** What somebody chose to look at: one vCPU or two; null: what the machine thinks worth it. */
type Chosen = readonly VcpuChoice[] | null;

interface Looking {
  readonly face: Face;
  readonly chosen: Chosen;
}

/** What is in front: what was chosen last, by the person or by a step of the script. */
function useLooking(): readonly [Looking, (change: Partial<Looking>) => void] {
  const wished = useWished();
  const [seen, setSeen] = useState<string | null>(null);
  const [looking, setLooking] = useState<Looking>({ face: 'registers', chosen: null });
  if (seen !== wished) {
    setSeen(wished);
    const wish = wishOf(wished?.replace(/^\d+ /, '') ?? '');
    const chosen = wish.vcpus.length > 0 ? wish.vcpus : null;
    if (wished) setLooking({ face: wish.face ?? looking.face, chosen });
  }
  return [looking, (change) => setLooking({ ...looking, ...change })];
}

const keyOf = (choices: readonly VcpuChoice[]): string =>
  choices.map(({ guest, vcpu }) => `${guest}/${vcpu}`).join(' ');

/** A guest’s registers, its exits, its GHCB and its program, by who can read them. */
export default function RegistersTab() {
  const [{ face, chosen }, look] = useLooking();
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
                  onChange={(chosenFace) => look({ face: chosenFace })}
                />
                <Choices view={view} onChoose={(vcpus) => look({ chosen: vcpus })} />
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
      {face === 'exits' && <Runs guests={guests} />}
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
