import { ImageUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import {
  cancelDelivery,
  deliver,
  dropParcel,
  intakeStore,
  type Parcel,
  putIntoScript,
} from '../../store/intake';
import { perform } from '../../store/session';
import type { GuestSummary } from '../../worker/protocol';
import { size } from '../header/machine';
import { Dialog } from '../kit/Dialog';
import { OwnerMark } from '../kit/OwnerMark';
import { useEngine, useStatus } from '../kit/stores';
import { useEngineQuery } from '../kit/useEngineQuery';
import { written } from '../stage/shared/names';

const NOBODY: readonly GuestSummary[] = [];

/** In place of the script's picture. */
const SCRIPT = 'the script';

/** Into whose memory? Then the guest's own writes, with progress and a way out. Or into the script, if it loads a picture. */
export default function ParcelDialog() {
  const { parcel, progress } = useStore(intakeStore);
  const guests = (useStatus((status) => status.guests) ?? NOBODY).filter(({ alive }) => alive);
  const takes = useEngine(({ script }) => script?.picture != null);
  const [chosen, setChosen] = useState<string | null>(null);
  if (!parcel) return null;
  const forScript = takes && parcel.picture !== null;
  const guest = guests.find(({ name }) => name === chosen) ?? (forScript ? undefined : guests[0]);
  const close = () => (progress ? cancelDelivery() : dropParcel());
  const write = () => void (guest ? deliver(guest.name) : putIntoScript());
  return (
    <Dialog title={`Put ${parcel.name} into memory`} onClose={close}>
      <div className="dialog-part parcel">
        <Contents parcel={parcel} />
        {progress ? (
          <div className="parcel-progress">
            <progress className="progress" value={progress.done} max={1} aria-label="Writing" />
            <p role="status">
              {Math.round(progress.done * 100)} % · {progress.what}
            </p>
          </div>
        ) : guest || forScript ? (
          <fieldset className="parcel-guests">
            <legend>{forScript ? 'Where does it go?' : 'Whose memory?'}</legend>
            {forScript && (
              <label className="option">
                <input type="radio" name="guest" checked={!guest} onChange={() => setChosen(SCRIPT)} />
                <ImageUp aria-hidden />
                <span>Into the script, in place of its own picture</span>
              </label>
            )}
            {guests.map(({ id, name, memory, sev, asid }) => (
              <label key={id} className="option">
                <input
                  type="radio"
                  name="guest"
                  checked={name === guest?.name}
                  onChange={() => setChosen(name)}
                />
                <OwnerMark owner={name} guests={guests} />
                <span>
                  {written(name)} · {size(memory)} · {sev ? `encrypted, ASID ${asid}` : 'not encrypted'}
                </span>
              </label>
            ))}
          </fieldset>
        ) : (
          <NoGuest />
        )}
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={close}>
          Cancel
        </button>
        <button
          type="button"
          className="button button-primary"
          disabled={(!guest && !forScript) || progress !== null}
          onClick={write}
        >
          {guest ? `${written(guest.name)} writes it` : forScript ? 'Use it in the script' : 'Write it'}
        </button>
      </footer>
    </Dialog>
  );
}

function Contents({ parcel: { name, bytes, picture, note } }: { readonly parcel: Parcel }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !picture || bytes.length === 0) return;
    context.putImageData(new ImageData(new Uint8ClampedArray(bytes), picture.width, picture.height), 0, 0);
  }, [bytes, picture]);
  return (
    <div className="parcel-contents">
      {picture && (
        <canvas
          ref={canvas}
          width={picture.width}
          height={picture.height}
          aria-label={`The picture ${name}`}
          role="img"
        />
      )}
      <p>
        {picture
          ? `${picture.width} × ${picture.height} pixels, four bytes each: ${size(picture.width * picture.height * 4)}.`
          : `${size(bytes.length)}.`}{' '}
        {note}
      </p>
    </div>
  );
}

/** The machine's own suggestion for a first guest, one press away. */
function NoGuest() {
  const vocabulary = useEngine((state) => state.vocabulary);
  const offers = useEngineQuery('offers', (engine) => engine.offers()).value;
  const info = vocabulary.find(({ type }) => /create/i.test(type));
  const offer = offers?.find(({ type }) => type === info?.type);
  return (
    <div className="parcel-none">
      <p>There is no guest yet whose memory it could go into.</p>
      {info && offer && !offer.impossible && (
        <button
          type="button"
          className="button"
          onClick={() => void perform({ type: info.type, ...offer.suggested })}
        >
          {info.title}
        </button>
      )}
    </div>
  );
}
