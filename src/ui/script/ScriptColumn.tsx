import { Pencil } from 'lucide-react';
import { Suspense, useEffect, useState } from 'react';
import { setView } from '../../store/view';
import { later } from '../kit/later';
import { Segmented } from '../kit/Segmented';
import { useEngine, useStatus, useView } from '../kit/stores';
import { Waiting } from '../kit/Waiting';
import { Script } from './Script';
import { Strayed } from './Strayed';
import './script.css';

const FreePlay = later(() => import('../sandbox/FreePlay'));
const ScenarioEditor = later(() => import('../editor/ScenarioEditor'));

const SIDES = [
  { value: 'script', title: 'Script' },
  { value: 'play', title: 'Free play' },
] as const;

/** The left column: the steps of the scenario, or what each actor could do now. */
export default function ScriptColumn() {
  const [side, setSide] = useState<'script' | 'play'>('script');
  const hasScript = useStatus(({ scenario }) => scenario !== null);
  const fetched = useEngine(({ script }) => script !== null);
  const editing = useView((view) => view.editing);
  const shown = hasScript ? side : 'play';
  useEffect(() => {
    if (hasScript === false) setView({ editing: false });
  }, [hasScript]);
  if (hasScript === null || (hasScript && !fetched)) return <Waiting what="Reading the library" />;
  if (hasScript && editing)
    return (
      <Suspense fallback={<Waiting what="Loading the editor" />}>
        <Strayed />
        <ScenarioEditor />
      </Suspense>
    );
  return (
    <>
      {hasScript && (
        <div className="script-sides">
          <Segmented label="What the column shows" value={shown} options={SIDES} onChange={setSide} />
          <button type="button" className="button button-small" onClick={() => setView({ editing: true })}>
            <Pencil aria-hidden />
            Edit
          </button>
        </div>
      )}
      <Strayed />
      <div className="script-body scrolls">
        {shown === 'script' ? (
          <Script />
        ) : (
          <Suspense fallback={<Waiting what="Loading the actions" />}>
            <FreePlay />
          </Suspense>
        )}
      </div>
    </>
  );
}
