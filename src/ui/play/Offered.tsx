import type { ActionInfo, ActionOffer } from '../../engine/core/vocabulary';
import { ActionForm } from './ActionForm';
import './play.css';

interface Props {
  readonly info: ActionInfo;
  readonly offer: ActionOffer | null;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** An action that can be opened as a form; one that is impossible now says why. */
export function Offered({ info, offer, open, onToggle }: Props) {
  const impossible = offer?.impossible ?? null;
  return (
    <li className={`offer ${open ? 'offer-open' : ''} ${impossible ? 'offer-impossible' : ''}`}>
      <button type="button" className="offer-title" aria-expanded={open} onClick={onToggle} title={info.help}>
        {info.title}
        {impossible && <span className="offer-tag">not now</span>}
      </button>
      {open && offer && <ActionForm key={info.type} info={info} offer={offer} />}
    </li>
  );
}
