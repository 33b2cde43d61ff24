import type { Actor } from '../../engine/core/actor';
import type { ActionInfo } from '../../engine/core/vocabulary';
import { OwnerMark } from '../kit/OwnerMark';
import { useEngine } from '../kit/stores';
import { Offers } from './Offers';
import './play.css';

const ACTOR_NAMES: Readonly<Record<Actor, string>> = {
  guest: 'A guest',
  hypervisor: 'The hypervisor',
  toolstack: 'The toolstack',
  firmware: 'The firmware',
  device: 'A device',
  owner: 'The guests’ owner',
  physical: 'Hands on the hardware',
};

/** A guest is made first; then there is somebody to act, and somebody to act on. */
const ACTORS: readonly Actor[] = [
  'toolstack',
  'guest',
  'hypervisor',
  'firmware',
  'device',
  'owner',
  'physical',
];

/** In the order in which Domain-0's administrator would take them; what is not named comes behind. */
const ORDER: readonly string[] = [
  'dom0.file',
  'xl.create',
  'xl.list',
  'xl.unpause',
  'xl.pause',
  'xl.migrate',
  'xl.destroy',
  'xl.info',
  'xl.dmesg',
  'xl.debug-keys',
];

const rank = ({ type }: ActionInfo): number => {
  const place = ORDER.indexOf(type);
  return place < 0 ? ORDER.length : place;
};

/** A blob comes in by dropping a file, which has a dialog of its own. */
const playable = (info: ActionInfo): boolean =>
  info.fields.every(({ kind, optional }) => kind !== 'blob' || optional);

const MARKS: Readonly<Record<Actor, string>> = {
  guest: 'alice',
  hypervisor: 'xen',
  toolstack: 'xl',
  firmware: 'asp',
  device: 'device',
  owner: 'owner',
  physical: 'probe',
};

/** What every actor could do at this moment, as forms; what is impossible says why. */
export default function Play() {
  const vocabulary = useEngine((state) => state.vocabulary);
  return (
    <div className="play">
      <Offers>
        {(list) =>
          ACTORS.map((actor) => {
            const actions = vocabulary
              .filter((info) => info.actor === actor && playable(info))
              .sort((a, b) => rank(a) - rank(b));
            if (actions.length === 0) return null;
            return (
              <section key={actor} aria-labelledby={`play-${actor}`}>
                <h2 id={`play-${actor}`} className="overline play-actor">
                  <OwnerMark owner={MARKS[actor]} /> {ACTOR_NAMES[actor]}
                </h2>
                {list(actions)}
              </section>
            );
          })
        }
      </Offers>
    </div>
  );
}
