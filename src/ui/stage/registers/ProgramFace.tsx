import { Download, FastForward, StepForward } from 'lucide-react';
import { useState } from 'react';
import type { GuestSummary, ProgramView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { Segmented } from '../../kit/Segmented';
import { useEngine } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { written } from '../shared/names';
import { OwnerName } from '../shared/OwnerName';
import { performEach } from './acting';
import { Decisions } from './Decisions';
import { draftOf } from './draft';
import { Editor } from './Editor';
import { EXAMPLES } from './examples';
import { Outcome } from './NextStrip';

interface Props {
  readonly programs: readonly ProgramView[];
  readonly guests: readonly GuestSummary[];
}

const never = (): number => 0;

const OWN = 'own';
const BOTH = 'both';

/** What a new visitor finds: the loaded program, or the first example. */
function firstText(programs: readonly ProgramView[]): string {
  return programs.find(({ text }) => text !== null)?.text ?? EXAMPLES[0]?.text ?? '';
}

/** A program for one guest or for both, and what decides about its exits. */
export function ProgramFace({ programs, guests }: Props) {
  const [text, setText] = useState(() => firstText(programs));
  const [target, setTarget] = useState(BOTH);
  const possible = useEngine(({ vocabulary }) => vocabulary.some(({ type }) => type === 'guest.program'));
  const only = programs.filter(({ guest, vcpu }) => `${guest}/${vcpu}` === target);
  const targets = only.length > 0 ? only : programs;
  const loaded = targets.filter((program) => program.text === text);
  const assembly = useEngineQuery(`assemble ${text}`, (api) => api.assemble(text), never);
  const draft = draftOf(text, assembly.value, loaded[0] ?? null);
  const example = EXAMPLES.find((each) => each.text === text);
  const ready = loaded.length > 0;
  return (
    <>
      <Panel
        title="Program"
        aside={ready ? 'loaded; bytes as the guest fetches them' : 'not loaded; bytes as they will be'}
      >
        <div className="stage-bar program-bar">
          <label className="program-example">
            <span className="visually-hidden">Example</span>
            <select
              className="input"
              value={example?.id ?? OWN}
              onChange={({ target: { value } }) => {
                const chosen = EXAMPLES.find(({ id }) => id === value);
                if (chosen) setText(chosen.text);
              }}
            >
              {!example && <option value={OWN}>My own</option>}
              {EXAMPLES.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          </label>
          {programs.length > 1 && (
            <Segmented
              className="small"
              label="For whom"
              value={only.length > 0 ? target : BOTH}
              options={[
                { value: BOTH, title: 'Both' },
                ...programs.map(({ guest, vcpu }) => ({
                  value: `${guest}/${vcpu}`,
                  title: vcpu > 0 ? `${written(guest)} ${vcpu}` : written(guest),
                })),
              ]}
              onChange={setTarget}
            />
          )}
          <div className="program-buttons">
            <button
              type="button"
              className={`button button-small ${ready ? '' : 'button-primary'}`}
              disabled={!possible || (assembly.value?.errors.length ?? 1) > 0}
              onClick={() =>
                void performEach(targets, 'guest.program', { text, name: example?.title ?? 'own program' })
              }
            >
              <Download aria-hidden="true" /> Load
            </button>
            <button
              type="button"
              className={`button button-small ${ready ? 'button-primary' : ''}`}
              disabled={!ready}
              onClick={() => void performEach(loaded, 'guest.step')}
            >
              <StepForward aria-hidden="true" /> Step
            </button>
            <button
              type="button"
              className="button button-small"
              disabled={!ready}
              onClick={() => void performEach(loaded, 'guest.continue')}
            >
              <FastForward aria-hidden="true" /> Continue
            </button>
          </div>
        </div>
        <Editor
          text={text}
          draft={draft}
          onChange={setText}
          loaded={loaded}
          guests={guests}
          onBreak={(line, on) =>
            void performEach(
              loaded.map(({ guest }) => ({ guest, vcpu: 0 })),
              'guest.break',
              { line, on },
            )
          }
        />
        {targets.map(({ guest, vcpu, heldBack }) => (
          <div key={`${guest}/${vcpu}`} className="program-outcome">
            <OwnerName name={guest} guests={guests} /> <Outcome guest={guest} />
            {heldBack !== null && (
              <p className="program-held">
                RSP stands still: the sibling thread has the stack engine off, {Math.abs(heldBack)} bytes{' '}
                {heldBack > 0 ? 'up' : 'down'} are held back.
              </p>
            )}
          </div>
        ))}
      </Panel>
      <div className="reg-pair">
        {programs.map((program) => (
          <Decisions key={`${program.guest}/${program.vcpu}`} program={program} guests={guests} />
        ))}
      </div>
    </>
  );
}
