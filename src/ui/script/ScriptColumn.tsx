import { Suspense, useState } from 'react';
import { later } from '../kit/later';
import { Segmented } from '../kit/Segmented';
import { useEngine, useStatus } from '../kit/stores';
import { Waiting } from '../kit/Waiting';
import { OwnActions } from './OwnActions';
import { Script } from './Script';
import { Strayed } from './Strayed';
import './script.css';

const Play = later(() => import('../play/Play'));

const SIDES = [
  { value: 'script', title: 'Script' },
  { value: 'play', title: 'Free play' },
] as const;

/** The left column: the steps of the scenario, or what each actor could do now. */
export default function ScriptColumn() {
  const [side, setSide] = useState<'script' | 'play'>('script');
  const hasScript = useStatus(({ scenario }) => scenario !== null);
  const fetched = useEngine(({ script }) => script !== null);
  const shown = hasScript ? side : 'play';
  if (hasScript === null || (hasScript && !fetched)) return <Waiting what="Reading the library" />;
  return (
    <>
      {hasScript && (
        <div className="script-sides">
          <Segmented label="What the column shows" value={shown} options={SIDES} onChange={setSide} />
        </div>
      )}
      <Strayed />
      <div className="script-body scrolls">
        {shown === 'script' ? (
          <Script />
        ) : (
          <>
            <OwnActions />
            <Suspense fallback={<Waiting what="Loading the actions" />}>
              <Play />
            </Suspense>
          </>
        )}
      </div>
    </>
  );
}
