import { CircleCheck, OctagonX, TriangleAlert } from 'lucide-react';
import { useStore } from 'zustand';
import { cancelRun, editorStore, type RunState, runNow } from '../../store/editor';
import { goToStep } from '../../store/transport';
import type { Finding } from '../../worker/protocol';
import { useEngine, useStatus } from '../kit/stores';

interface Props {
  readonly findings: readonly Finding[];
  /** The machine shows a session whose text is not known. */
  readonly unknown: boolean;
  readonly onPlace: (finding: Finding) => void;
}

const SHOWN = 20;

/** How the text fares: where its run stands, what is wrong and where, and what is on the stage meanwhile. */
export function RunReport({ findings, unknown, onPlace }: Props) {
  const { run, progress, safe } = useStore(editorStore);
  const pristine = useStore(editorStore, ({ file, text }) => file?.original === text);
  const away = unknown && run !== 'running';
  return (
    <footer className="editor-foot">
      {run === 'running' && (
        <div className="editor-run">
          <progress
            className="progress"
            value={progress?.done ?? 0}
            max={1}
            aria-label="Running the script"
          />
          <button type="button" className="button button-small" onClick={cancelRun}>
            Cancel
          </button>
        </div>
      )}
      <div role="status" className="editor-said">
        <Said run={run} findings={findings} away={away} pristine={pristine} />
        {!safe && <p>This browser keeps nothing: save the text as a file.</p>}
      </div>
      {(run === 'cancelled' || away) && (
        <button type="button" className="button button-small" onClick={() => void runNow()}>
          Run this text
        </button>
      )}
      {findings.length > 0 && (
        <ul className="editor-findings scrolls" aria-label="Mistakes">
          {findings.slice(0, SHOWN).map((finding) => (
            <li key={`${finding.line} ${finding.column} ${finding.message}`}>
              {finding.kind === 'failed' ? (
                <TriangleAlert aria-label="does not hold" />
              ) : (
                <OctagonX aria-label="mistake" />
              )}
              <span>
                <button type="button" className="button button-link" onClick={() => onPlace(finding)}>
                  Line {finding.line}
                </button>
                : {finding.message}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Way />
    </footer>
  );
}

interface SaidProps {
  readonly run: RunState;
  readonly findings: readonly Finding[];
  readonly away: boolean;
  /** Nothing has been changed. */
  readonly pristine: boolean;
}

function Said({ run, findings, away, pristine }: SaidProps) {
  if (run === 'running') return <p>Running it again …</p>;
  if (away) return <p>The stage shows another version of this script.</p>;
  if (run === 'refused') return <p>This cannot be read yet. The stage shows the last version that could.</p>;
  if (run === 'cancelled') return <p>You cancelled the run. The stage shows the version before.</p>;
  if (run === 'late') return <p>Waiting for you to finish.</p>;
  if (findings.some(({ kind }) => kind === 'stuck')) return <p>It runs as far as it can.</p>;
  if (findings.length > 0) return <p>It runs, but not everything is as the script expects.</p>;
  return (
    <p className="editor-good">
      <CircleCheck aria-hidden />
      {pristine ? 'Change something: it runs again by itself.' : 'It runs, and all is as the script expects.'}
    </p>
  );
}

/** Through the steps while the text is open. */
function Way() {
  const step = useStatus(({ scenario }) => scenario?.step ?? 0) ?? 0;
  const steps = useEngine(({ script }) => script?.steps.length ?? 0);
  return (
    <div className="editor-way">
      <button
        type="button"
        className="button button-small"
        disabled={step === 0}
        onClick={() => void goToStep(step - 1)}
      >
        ← Back
      </button>
      <span>
        Step {step} of {steps}
      </span>
      <button
        type="button"
        className="button button-small"
        disabled={step >= steps}
        onClick={() => void goToStep(step + 1)}
      >
        Next →
      </button>
    </div>
  );
}
