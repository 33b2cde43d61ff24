import { useState } from 'react';
import { useEngine, useStatus } from '../../kit/stores';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Answered } from '../shared/Answered';
import { Enabling } from './Enabling';
import { type Face, FaceChoice } from './FaceChoice';
import { StackOfAction } from './StackOfAction';
import './xenstack.css';

const never = (): number => 0;

/** From xl down to the firmware: the calls of one action in their layers, and what of it exists upstream. */
export default function XenStackTab() {
  const [face, setFace] = useState<Face>('action');
  return (
    <div className="xenstack">
      {face === 'action' ? <Action onFace={setFace} /> : <Pieces onFace={setFace} />}
    </div>
  );
}

interface Props {
  readonly onFace: (face: Face) => void;
}

function Action({ onFace }: Props) {
  const action = useStatus((status) => status.action) ?? -1;
  const revision = useStatus((status) => status.actionsRevision) ?? 0;
  const xen = useStatus((status) => status.config.xen);
  // A power-on is shown before it is over, and then has more.
  const boot = useStatus((status) => status.bootEnd);
  const firstKept = useStatus((status) => status.firstKept);
  const key = `stack ${action} ${revision} ${xen} ${boot} ${firstKept}`;
  const answer = useEngineQuery(key, (api) => api.stack(), never);
  const cursor = useEngine(({ status }) => status?.cursor ?? 0);
  return (
    <Answered answer={answer} what="the calls of this action">
      {(view) => <StackOfAction {...{ view, cursor, revision, onFace }} />}
    </Answered>
  );
}

function Pieces({ onFace }: Props) {
  const answer = useEngineQuery('enabling', (api) => api.enabling(), never);
  return (
    <Answered answer={answer} what="what enabling takes">
      {(view) => (
        <>
          <FaceChoice face="enabling" onFace={onFace} />
          <Enabling view={view} />
        </>
      )}
    </Answered>
  );
}
