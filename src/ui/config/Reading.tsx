import { CircleCheck, OctagonX, TriangleAlert, VolumeX } from 'lucide-react';
import type { AtPlace, XlReading } from '../../worker/protocol';
import { StatusMark } from '../stage/xenstack/StatusMark';
import { TREES } from '../stage/xenstack/trees';
import { placeWords } from './places';

interface Props {
  readonly reading: XlReading;
  readonly onPlace: (place: AtPlace) => void;
}

const MIB = 1024 * 1024;

/** What xl says to a configuration: the error with which it ends, its warnings, and what it passes over in silence. */
export function Reading({ reading, onPlace }: Props) {
  const { dialect, error, warnings, ignored, guest } = reading;
  return (
    <div className="reading">
      <p className="reading-dialect">
        As xl of {TREES[dialect].name} reads it <StatusMark status={TREES[dialect].status} />
      </p>
      <div role="status">
        {error && (
          <p className="reading-error">
            <OctagonX size={15} aria-hidden="true" />
            <span>
              <Place place={error} onPlace={onPlace} />: {error.message}
            </span>
          </p>
        )}
        {guest && (
          <p className="reading-good">
            <CircleCheck size={15} color="var(--good)" aria-hidden="true" />
            <span>
              {guest.name}: {guest.type.toUpperCase()}, {guest.vcpus} {guest.vcpus === 1 ? 'vCPU' : 'vCPUs'},{' '}
              {guest.memory === null ? 'memory as libxl decides' : `${guest.memory / MIB} MiB`},{' '}
              {guest.encrypted ? 'asks for encryption' : 'an ordinary guest, not encrypted'}
              {guest.es && ' with SEV-ES'}
              {guest.snp && ' with SEV-SNP'}.
            </span>
          </p>
        )}
      </div>
      {(warnings.length > 0 || ignored.length > 0) && (
        <ul className="reading-said" aria-label="Warnings">
          {warnings.map((place) => (
            <li key={`${place.line} ${place.column} ${place.message}`}>
              <TriangleAlert size={14} aria-label="warning" />
              <span>
                <Place place={place} onPlace={onPlace} />: {place.message}
              </span>
            </li>
          ))}
          {ignored.map((place) => (
            <li key={`${place.line} ${place.column} ${place.message}`}>
              <VolumeX size={14} aria-label="xl says nothing" />
              <span>
                <Place place={place} onPlace={onPlace} />: {place.message}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const Place = ({ place, onPlace }: { readonly place: AtPlace; readonly onPlace: Props['onPlace'] }) => (
  <button type="button" className="button button-link" onClick={() => onPlace(place)}>
    {placeWords(place)}
  </button>
);
