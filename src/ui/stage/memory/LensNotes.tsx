import { Hourglass } from 'lucide-react';
import { hex } from '../../../engine/core/address';
import type { GuestSummary } from '../../../worker/protocol';
import { keySelector, keyWords } from '../shared/names';
import { type LensView, pendingLines } from './eyes';

const SPACES = {
  gva: (address: string) => `GVA ${address}`,
  gpa: (address: string) => `GPA ${address}, in none of its tables`,
  spa: () => 'a page that it does not have',
} as const;

/** Where the guest's eye looks: through its tables, or past them. */
export function GuestPlaceNote({ view }: { readonly view: LensView }) {
  const place = view.guest?.place;
  if (!place) return null;
  return <>{SPACES[place.space](hex(place.address))}</>;
}

/** Says that a cache holds newer bytes than the DRAM, so that a puzzling third eye explains itself. */
export function PendingNote({
  view,
  guests,
}: {
  readonly view: LensView;
  readonly guests: readonly GuestSummary[];
}) {
  const pending = pendingLines(view.page);
  if (pending.length === 0) return null;
  return (
    <ul className="pending">
      {pending.map(({ complex, key, count }) => {
        const selector = keySelector(key);
        return (
          <li key={`${complex}/${key}`}>
            <Hourglass size={12} aria-hidden="true" />
            Not yet written back: {count} dirty {count === 1 ? 'line' : 'lines'} in the cache of complex{' '}
            {complex} ({selector === null ? key : keyWords(selector, guests)})
          </li>
        );
      })}
    </ul>
  );
}
