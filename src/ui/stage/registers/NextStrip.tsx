import { FastForward, StepForward } from 'lucide-react';
import type { GuestSummary, ProgramView } from '../../../worker/protocol';
import { useEngine } from '../../kit/stores';
import { OwnerName } from '../shared/OwnerName';
import { performEach } from './acting';
import { EXAMPLES } from './examples';
import { lastRun, outcomeWords } from './outcome';

interface Props {
  readonly programs: readonly ProgramView[];
  readonly guests: readonly GuestSummary[];
}

/** Where each program stands and what came of its last step, with the buttons that let it go on: on every face. */
export function NextStrip({ programs, guests }: Props) {
  const loaded = programs.filter(({ text }) => text !== null);
  const [example] = EXAMPLES;
  return (
    <div className="next">
      {programs.map((program) => (
        <Next key={`${program.guest}/${program.vcpu}`} program={program} guests={guests} />
      ))}
      {programs.length > 1 && loaded.length === programs.length && (
        <button
          type="button"
          className="button button-small button-primary"
          onClick={() => void performEach(programs, 'guest.step')}
        >
          <StepForward aria-hidden="true" /> Step both
        </button>
      )}
      {programs.length > 1 && loaded.length === 0 && example && (
        <button
          type="button"
          className="button button-small button-primary"
          onClick={() =>
            void performEach(programs, 'guest.program', { text: example.text, name: example.title })
          }
        >
          Load {example.title} into both
        </button>
      )}
    </div>
  );
}

const RUNS = [
  { type: 'guest.step', title: 'Step', icon: StepForward },
  { type: 'guest.continue', title: 'Continue', icon: FastForward },
] as const;

function Next({
  program,
  guests,
}: {
  readonly program: ProgramView;
  readonly guests: readonly GuestSummary[];
}) {
  const { guest, text, current } = program;
  const [example] = EXAMPLES;
  return (
    <section className="next-side" aria-label={`The program of ${guest}`}>
      <p className="next-line">
        <OwnerName name={guest} guests={guests} /> <NextLine program={program} />
      </p>
      {text === null && example && (
        <button
          type="button"
          className="button button-small"
          onClick={() =>
            void performEach([program], 'guest.program', { text: example.text, name: example.title })
          }
        >
          Load {example.title}
        </button>
      )}
      {text !== null &&
        RUNS.map(({ type, title, icon: Icon }) => (
          <button
            key={type}
            type="button"
            className="button button-small next-go"
            aria-label={`${title} ${guest}`}
            title={title}
            disabled={current === null}
            onClick={() => void performEach([program], type)}
          >
            <Icon aria-hidden="true" />
          </button>
        ))}
      <Outcome guest={guest} />
    </section>
  );
}

function NextLine({ program: { text, current, state } }: { readonly program: ProgramView }) {
  if (text === null) return <span className="faint">has no program</span>;
  if (state !== 'runs') return <span className="faint">{state === 'halted' ? 'has halted' : 'waits'}</span>;
  if (current === null) return <span className="faint">stands outside its program</span>;
  const line = text.split('\n')[current - 1]?.trim();
  return <code title={line}>▸ {line}</code>;
}

/** What came of the last thing that was done with a guest’s program. */
export function Outcome({ guest }: { readonly guest: string }) {
  const cursor = useEngine(({ status }) => status?.cursor ?? 0);
  const last = useEngine(({ actions }) => lastRun(actions, guest, cursor));
  return (
    <p className="next-last faint" role="status">
      {last && outcomeWords(last)}
    </p>
  );
}
