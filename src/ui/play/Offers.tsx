import { type ReactNode, useState } from 'react';
import type { ActionInfo, ActionOffer } from '../../engine/core/vocabulary';
import { useEngineQuery } from '../kit/useEngineQuery';
import { ActionForm } from './ActionForm';
import './play.css';

interface Props {
  readonly info: ActionInfo;
  readonly offer: ActionOffer | null;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** Actions as forms, in groups of which at most one form is open. `children` draws the groups from the lists of their actions. */
export function Offers({
  children,
}: {
  readonly children: (list: (infos: readonly ActionInfo[]) => ReactNode) => ReactNode;
}) {
  const offers = useEngineQuery('offers', (engine) => engine.offers()).value;
  const [open, setOpen] = useState<string | null>(null);
  return children((infos) => (
    <ul>
      {infos.map((info) => (
        <Offered
          key={info.type}
          info={info}
          offer={offers?.find(({ type }) => type === info.type) ?? null}
          open={open === info.type}
          onToggle={() => setOpen(open === info.type ? null : info.type)}
        />
      ))}
    </ul>
  ));
}

/** An action that can be opened as a form; one that is impossible now says why. */
function Offered({ info, offer, open, onToggle }: Props) {
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
