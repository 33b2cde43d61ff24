import { useStore } from 'zustand';
import { cancelLaunchGuest, launchGuest, launchGuestStore } from '../../../store/launchGuest';
import type { FilmView, LaunchedGuest } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { useEngineQuery } from '../../kit/useEngineQuery';

/** The same launch as a guest of the open machine, and its digest beside the film’s. */
export function MachinePanel({ film }: { readonly film: FilmView }) {
  const { progress, refusal } = useStore(launchGuestStore);
  const { value: offer } = useEngineQuery(`launch offer ${film.id}`, (engine) => engine.launchOffer());
  const why = offer?.why ?? null;
  return (
    <Panel title="On this machine">
      <p>
        xl creates a guest from these files: Domain-0 loads them, RMPUPDATE assigns each page, and the secure
        processor measures and encrypts it. The launch is finished; nothing runs then, because this simulator
        has no firmware inside the guest.
      </p>
      <p className="launch-machine">
        <button
          type="button"
          className="button button-primary"
          disabled={!offer || why !== null || progress !== null}
          aria-describedby="launch-why"
          onClick={() => void launchGuest()}
        >
          Launch on this machine
        </button>
        <span id="launch-why" className="faint">
          {progress === null ? why : null}
        </span>
      </p>
      {progress !== null && <Launching progress={progress} />}
      {refusal && (
        <div className="launch-refused" role="alert">
          <strong>{refusal.title}.</strong> {refusal.message}
        </div>
      )}
      {offer?.guest && progress === null && <Agreement guest={offer.guest} digest={film.digest} />}
    </Panel>
  );
}

function Launching({ progress }: { readonly progress: number }) {
  return (
    <div className="launch-progress" role="status">
      <span>Launching</span>
      <progress className="progress" value={progress} aria-label="Launching the guest" />
      <button type="button" className="button button-small" onClick={cancelLaunchGuest}>
        Cancel
      </button>
    </div>
  );
}

function Agreement({ guest, digest }: { readonly guest: LaunchedGuest; readonly digest: string }) {
  const same = guest.digest === digest;
  return (
    <div role="status">
      <dl className="launch-agreement">
        <dt>The film</dt>
        <dd className="launch-digest mono">{digest}</dd>
        <dt>
          Context of {guest.name}, {guest.state}
        </dt>
        <dd className="launch-digest mono" data-differs={!same}>
          {guest.digest}
        </dd>
      </dl>
      <p>
        <strong>{same ? 'They agree.' : 'They differ: the guest was launched from something else.'}</strong>
      </p>
    </div>
  );
}
