import { FileText, Image, type LucideIcon, ScrollText, Table2 } from 'lucide-react';
import { PAGE_SIZE } from '../../../engine/core/address';
import { engine } from '../../../store/session';
import { type LensMode, setView } from '../../../store/view';
import type { GuestSummary } from '../../../worker/protocol';
import { sizeWords } from '../shared/names';
import { OwnerName } from '../shared/OwnerName';
import type { GuestThing } from './objects';

const ICONS: Readonly<Record<string, LucideIcon>> = {
  picture: Image,
  text: FileText,
  code: ScrollText,
  tables: Table2,
};
const FORMATS: Readonly<Record<string, LensMode>> = { picture: 'picture', tables: 'structure' };

/** Brings the first page of a thing into the lens, in the form that suits it. */
async function show(guest: string, thing: GuestThing): Promise<void> {
  const [frame = -1] = await engine.frames(guest, thing.address, 1);
  if (frame < 0) return;
  setView({
    page: Math.floor(frame / PAGE_SIZE),
    offset: thing.address % PAGE_SIZE,
    guest,
    lens: FORMATS[thing.kind] ?? 'hex',
  });
}

/** What the guests keep in their memory, one press away from the lens. */
export default function ObjectPicks({ guests }: { readonly guests: readonly GuestSummary[] }) {
  const owners = guests.filter((guest) => guest.alive && guest.objects.length > 0);
  if (owners.length === 0) return null;
  return (
    <ul className="picks" aria-label="What the guests keep in their memory">
      {owners.map((guest) => (
        <li key={guest.id}>
          <OwnerName name={guest.name} guests={guests} />
          <ul>
            {guest.objects.map((thing) => {
              const Icon = ICONS[thing.kind] ?? FileText;
              return (
                <li key={`${thing.name}/${thing.address}`}>
                  <button
                    type="button"
                    className="pick"
                    title={sizeWords(thing.length)}
                    onClick={() => show(guest.name, thing)}
                  >
                    <Icon size={13} aria-hidden="true" /> {thing.name}
                  </button>
                </li>
              );
            })}
          </ul>
        </li>
      ))}
    </ul>
  );
}
