import type { ReactNode } from 'react';
import type { GuestSummary } from '../../../worker/protocol';
import { useEngineQuery } from '../../kit/useEngineQuery';
import { Answered } from '../shared/Answered';
import { written } from '../shared/names';
import { hueStyle, OwnerName } from '../shared/OwnerName';
import type { HostView } from './eyes';
import type { Picture } from './objects';
import { askPicture, PictureEye } from './PictureEyes';

interface Props {
  readonly picture: Picture;
  readonly guests: readonly GuestSummary[];
  readonly hostView: HostView;
  readonly hostSwitch: ReactNode;
}

/** A whole picture, live, from the bytes of each eye: with a tweak the foreign ones are noise, without it the outline shows. */
export function PicturePanes({ picture, guests, hostView, hostSwitch }: Props) {
  const { guest, name, address, length, width, height } = picture;
  const answer = useEngineQuery(`picture/${guest}/${address}/${length}/${hostView}`, (api) =>
    askPicture(api, picture, hostView),
  );
  const panes = [
    {
      id: 'guest',
      owner: guest,
      title: `${written(guest)} sees`,
      place: `${name}, ${width} × ${height} pixels`,
    },
    { id: 'host', owner: 'xen', title: 'Xen sees', place: hostSwitch },
    { id: 'dram', owner: 'dram', title: 'DRAM holds', place: 'raw' },
  ] as const;
  return (
    <div className="lens">
      {panes.map(({ id, owner, title, place }) => (
        <section key={id} className="eye" style={hueStyle(owner, guests)} aria-label={title}>
          <header>
            <h3>
              <OwnerName name={owner} guests={guests}>
                {title}
              </OwnerName>
            </h3>
          </header>
          <div className="eye-place">{place}</div>
          <div className="eye-body eye-picture">
            <Answered answer={answer} what="the picture">
              {(view) => (
                <PictureEye label={title} picture={picture} look={view[id]} foreign={id !== 'guest'} />
              )}
            </Answered>
          </div>
        </section>
      ))}
    </div>
  );
}
