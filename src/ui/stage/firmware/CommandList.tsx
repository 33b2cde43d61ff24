import { useState } from 'react';
import type { CommandOffer } from '../../../worker/protocol';
import { Segmented } from '../../kit/Segmented';
import { CommandChip, type Offers } from './CommandChip';

type Shown = 'refused' | 'done' | 'all';

const CHOICES = [
  { value: 'refused', title: 'Refused here' },
  { value: 'done', title: 'Carried out' },
  { value: 'all', title: 'All' },
] as const;

const fits = ({ check }: CommandOffer, shown: Shown): boolean =>
  shown === 'all' || (check !== null) === (shown === 'refused');

/** Every command with what it would answer now and why, each to be sent all the same. */
export function CommandList({ offers }: { readonly offers: Offers }) {
  const [shown, setShown] = useState<Shown>('refused');
  const list = [...offers.values()].filter((offer) => fits(offer, shown)).sort((a, b) => a.id - b.id);
  return (
    <>
      <Segmented label="Which commands" value={shown} options={CHOICES} onChange={setShown} />
      <div className="command-list scrolls">
        <ul aria-label="What the firmware would answer to each command now">
          {list.map((offer) => (
            <li key={offer.name} data-refused={offer.check !== null}>
              <span>
                <CommandChip name={offer.name} offers={offers} />
              </span>
              <code>{offer.status}</code>
              <span>
                {offer.check ? offer.check.rule.says : offer.purpose}
                {offer.check && (
                  <span className="faint">
                    {' '}
                    Check {offer.check.at} of {offer.check.of}.
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
