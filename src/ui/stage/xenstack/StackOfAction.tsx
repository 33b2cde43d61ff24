import { useState } from 'react';
import type { SpanView, StackView } from '../../../worker/protocol';
import { Segmented } from '../../kit/Segmented';
import { useStatus } from '../../kit/stores';
import { Empty } from '../../kit/Waiting';
import { CallDetail } from './CallDetail';
import { CallStrip } from './CallStrip';
import { litCall } from './calls';
import { type Face, FaceChoice } from './FaceChoice';
import { Legend } from './Legend';
import type { Measure } from './layout';
import { RefusalPath } from './RefusalPath';
import { StackBar } from './StackBar';
import { StackPicture } from './StackPicture';
import { UpstreamNote } from './UpstreamNote';

const NO_SPANS: readonly SpanView[] = [];

const MEASURES = [
  { value: 'whole', title: 'Whole' },
  { value: 'names', title: 'Names', hint: 'Wide enough to read every name' },
] as const;

interface Props {
  readonly view: StackView;
  readonly cursor: number;
  readonly revision: number;
  readonly onFace: (face: Face) => void;
}

/** One action's calls: the picture, the call at the cursor, and how a refusal came up. */
export function StackOfAction({ view, cursor, revision, onFace }: Props) {
  const [upstreamOnly, setUpstreamOnly] = useState(false);
  const [measure, setMeasure] = useState<Measure>('whole');
  const spans = useStatus((status) => status.spans) ?? NO_SPANS;
  const lit = litCall(view, spans, cursor);
  return (
    <>
      <div className="stage-bar">
        <FaceChoice face="action" onFace={onFace} />
        <label className="check push">
          <input
            type="checkbox"
            checked={upstreamOnly}
            onChange={({ target }) => setUpstreamOnly(target.checked)}
          />
          Only upstream
        </label>
        <Segmented
          className="small"
          label="Width of the picture"
          value={measure}
          options={MEASURES}
          onChange={setMeasure}
        />
      </div>
      {upstreamOnly && <UpstreamNote view={view} />}
      <div className="stack-head">
        <StackBar view={view} lit={lit} />
        <CallStrip view={view} call={lit} />
      </div>
      {view.calls.length === 0 ? (
        <Empty title="No call is recorded in this action">
          <p>Choose another action above, or let the toolstack create a guest.</p>
        </Empty>
      ) : (
        <StackPicture {...{ view, cursor, lit, measure, upstreamOnly }} />
      )}
      {view.leftOut > 0 && (
        <p className="faint">{view.leftOut.toLocaleString('en')} deeper calls are not drawn.</p>
      )}
      <Legend view={view} />
      <RefusalPath view={view} />
      {lit && <CallDetail view={view} call={lit} revision={revision} />}
    </>
  );
}
