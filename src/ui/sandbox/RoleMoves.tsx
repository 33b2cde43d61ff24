import { useState } from 'react';
import { Panel } from '../kit/Panel';
import { useEngine } from '../kit/stores';
import { useEngineQuery } from '../kit/useEngineQuery';
import { Offered } from '../play/Offered';

/** What the person’s role can do at this moment, as forms; what is impossible says why. */
export function RoleMoves({ allowed }: { readonly allowed: readonly string[] }) {
  const vocabulary = useEngine((state) => state.vocabulary);
  const offers = useEngineQuery('offers', (engine) => engine.offers()).value;
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Panel kind="section" title="Your moves" className="play">
      <ul>
        {vocabulary
          .filter(({ type }) => allowed.includes(type))
          .map((info) => (
            <Offered
              key={info.type}
              info={info}
              offer={offers?.find(({ type }) => type === info.type) ?? null}
              open={open === info.type}
              onToggle={() => setOpen(open === info.type ? null : info.type)}
            />
          ))}
      </ul>
    </Panel>
  );
}
