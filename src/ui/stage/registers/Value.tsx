import { Fragment } from 'react';
import type { PlaceId, RegisterCellView, SideView } from '../../../worker/protocol';
import { byteGroups, digitGroups, notCounted, REACH_WORDS } from './words';

/** Hexadecimal digits that may break between groups of eight, never inside one. */
export function Digits({ groups }: { readonly groups: readonly string[] }) {
  return (
    <>
      {groups.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {group}
        </Fragment>
      ))}
    </>
  );
}

interface Props {
  readonly cell: RegisterCellView;
  readonly place: PlaceId;
  readonly side: SideView;
}

/** One value of a register in one place: its fill says who can read it, a diamond that the last action changed it. */
export function Value({ cell, place, side }: Props) {
  const { value, reach, counts, changed } = cell;
  const zero = /^0*$/.test(value);
  const why = notCounted(place, cell, side);
  const groups = place === 'sealed' ? byteGroups(value) : digitGroups(value);
  return (
    <span
      className="reg-value mono"
      data-reach={reach}
      data-counts={counts}
      data-zero={zero}
      title={`${REACH_WORDS[reach]}${why ? ` · ${why}` : ''}`}
    >
      {changed && (
        <span className="reg-changed" aria-hidden="true">
          ◆
        </span>
      )}
      <span>{place === 'ghcb' && !counts && zero ? '–' : <Digits groups={groups} />}</span>
      <span className="visually-hidden">
        {changed && ', changed'}, {REACH_WORDS[reach]}
        {why && `, ${why}`}
      </span>
    </span>
  );
}
