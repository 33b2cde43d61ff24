import { useState } from 'react';
import { OWNER_GUEST } from '../../../engine/core/page';
import type { LensMode } from '../../../store/view';
import type { GuestSummary, PageView, Status } from '../../../worker/protocol';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Answered } from '../shared/Answered';
import { useCBit } from '../shared/useCBit';
import { askLens, guestPlace, type HostView } from './eyes';
import { Lens } from './Lens';
import { LensBar } from './LensBar';
import { type Picture, pictureOf, thingAt } from './objects';

interface Props {
  readonly status: Status;
  readonly pfn: number;
  readonly offset: number;
  readonly format: LensMode;
  /** The guest whose eye was picked; null: the page's owner, or the first. */
  readonly picked: string | null;
  /** Owner of the page as a page word has it. */
  readonly owner: number;
}

function guestFor({
  status,
  picked,
  owner,
}: Pick<Props, 'status' | 'picked' | 'owner'>): GuestSummary | null {
  const living = status.guests.filter((guest) => guest.alive);
  return (
    living.find((guest) => guest.name === picked) ??
    living.find((guest) => OWNER_GUEST + guest.id === owner) ??
    living[0] ??
    null
  );
}

function pictureAt(guest: GuestSummary | null, page: PageView): Picture | null {
  if (!guest) return null;
  const place = guestPlace(page, guest.name);
  const thing =
    place.space === 'gva' ? (thingAt(guest, place.address) ?? thingAt(guest, place.address + 4095)) : null;
  return thing && pictureOf({ guest, thing });
}

/** The selected page under the three eyes. */
export default function LensSection({ status, pfn, offset, format, picked, owner }: Props) {
  const [hostView, setHostView] = useState<HostView>('mapped');
  const cBit = useCBit();
  const guest = guestFor({ status, picked, owner });
  const living = status.guests.filter(({ alive }) => alive);
  const key = `lens/${pfn}/${guest?.name}/${hostView}`;
  const answer = useEngineQuery(key, (api) => askLens(api, pfn, guest?.name ?? null, hostView));
  return (
    <section
      className="lens-section"
      aria-label="The selected page through three eyes"
      aria-busy={answer.key !== key}
    >
      <LensBar pfn={pfn} use={answer.value?.page.use ?? null} format={format} guests={living} guest={guest} />
      <Answered answer={answer} what="the bytes of this page">
        {(view) => (
          <Lens
            {...{ view, guest, cBit, format, hostView, offset }}
            question={answer.key ?? ''}
            revision={answer.revision}
            guests={status.guests}
            onHostView={setHostView}
            picture={pictureAt(guest, view.page)}
          />
        )}
      </Answered>
    </section>
  );
}
