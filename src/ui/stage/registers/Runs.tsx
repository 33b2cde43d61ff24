import type { GuestSummary, SeenExitView, TraceView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { OwnerName } from '../shared/OwnerName';
import { frameMark, frameSays, partsAt } from './runs';
import './runs.css';

/** The traces that Xen keeps of guests’ runs, one below the other as frames; nothing while there is none. */
export function Runs({ guests }: { readonly guests: readonly GuestSummary[] }) {
  const answer = useEngineQuery('traces', (api) => api.traces());
  const traces = answer.value ?? [];
  const [first] = traces;
  if (!first) return null;
  return (
    <Panel title="Runs as Xen saw them">
      <div className="runs scrolls">
        {traces.map((trace) => (
          <Run key={trace.name} trace={trace} first={first} guests={guests} />
        ))}
      </div>
      <p className="faint">
        A frame is an exit: how many instructions have run, or which page was used. Pages are numbered in the
        order of their use: r read, w written, x run.
      </p>
    </Panel>
  );
}

interface RunProps {
  readonly trace: TraceView;
  readonly first: TraceView;
  readonly guests: readonly GuestSummary[];
}

function Run({ trace, first, guests }: RunProps) {
  const { name, guest, frames } = trace;
  const parts = trace === first ? null : partsAt(trace, first);
  return (
    <>
      <div className="runs-name">
        <OwnerName name={guest} guests={guests}>
          {name}
        </OwnerName>
      </div>
      <ol className="runs-frames" aria-label={`${name}, ${frames.length} exits`}>
        {frames.map((frame, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a frame is its place in the run
          <Frame key={i} frame={frame} parts={i === parts} />
        ))}
        {trace !== first && <li className="runs-verdict faint">{verdict(parts, first.name)}</li>}
      </ol>
    </>
  );
}

const verdict = (parts: number | null, name: string): string =>
  parts === null ? `as “${name}”` : `not as “${name}” from frame ${parts + 1} on`;

function Frame({ frame, parts }: { readonly frame: SeenExitView; readonly parts: boolean }) {
  return (
    <li className="runs-frame mono" data-kind={frame.kind} data-parts={parts} title={frameSays(frame)}>
      <span aria-hidden="true">{frameMark(frame)}</span>
      <span className="visually-hidden">{frameSays(frame)}</span>
    </li>
  );
}
