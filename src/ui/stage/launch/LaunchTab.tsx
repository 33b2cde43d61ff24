import { useEffect } from 'react';
import { useStore } from 'zustand';
import { cancelLaunch, changeLaunch, launchStore, readLaunch } from '../../../store/launch';
import { Prose } from '../../kit/Prose';
import { useEngine } from '../../kit/stores';
import { Empty, Waiting } from '../../kit/Waiting';
import { chooseLaunchFile } from './choose';
import { DigestPanel } from './DigestPanel';
import { FilmPanel } from './FilmPanel';
import { IdBlockPanel } from './IdBlockPanel';
import { LaunchForm } from './LaunchForm';
import { LayoutPanel } from './LayoutPanel';
import { MachinePanel } from './MachinePanel';
import './launch.css';
import './film.css';

/** A firmware image on its way into the launch digest, page by page. */
export default function LaunchTab() {
  const ready = useEngine(({ connection }) => connection.state === 'ready');
  const view = useStore(launchStore, (state) => state.view);
  useEffect(() => {
    if (ready) void readLaunch();
  }, [ready]);
  if (!view) return <Waiting what="Asking for the launch" />;
  const { film, image } = view;
  return (
    <div className="launch">
      <Progress />
      <Refused />
      {film && image ? (
        <>
          <LaunchForm view={view} />
          <LayoutPanel image={image} film={film} />
          <FilmPanel film={film} flip={view.flip} />
          <DigestPanel view={view} film={film} />
          <MachinePanel film={film} />
          <IdBlockPanel view={view} />
        </>
      ) : (
        <NoImage />
      )}
    </div>
  );
}

function NoImage() {
  return (
    <Empty title="Which firmware shall the guest start from?">
      <p>
        <Prose text="Drop an OVMF image anywhere on this window. Each of its pages becomes a frame: what the secure processor hashes, and the launch digest before and after. Nothing leaves this browser." />
      </p>
      <p className="launch-begin">
        <button type="button" className="button button-primary" onClick={() => chooseLaunchFile('image')}>
          Choose a firmware image…
        </button>
        <button type="button" className="button" onClick={() => void changeLaunch({ example: true })}>
          Use the small example
        </button>
      </p>
    </Empty>
  );
}

function Progress() {
  const progress = useStore(launchStore, (state) => state.progress);
  if (progress === null) return null;
  return (
    <div className="launch-progress" role="status">
      <span>Measuring</span>
      <progress className="progress" value={progress} aria-label="Measuring the launch" />
      <button type="button" className="button button-small" onClick={cancelLaunch}>
        Cancel
      </button>
    </div>
  );
}

function Refused() {
  const refusal = useStore(launchStore, (state) => state.refusal);
  if (!refusal) return null;
  return (
    <div className="launch-refused" role="alert">
      <p>
        <strong>{refusal.title}.</strong> {refusal.message}
      </p>
      {refusal.where && <p className="mono">{refusal.where}</p>}
    </div>
  );
}
