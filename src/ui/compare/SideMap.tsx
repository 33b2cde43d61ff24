import { useEffect, useMemo, useRef, useState } from 'react';
import { hex, PAGE_SIZE } from '../../engine/core/address';
import { pageOwner, pageShared } from '../../engine/core/page';
import { called } from '../../engine/core/words';
import type { SideStep } from '../../lab/lockstep';
import type { Parting } from '../../lab/partings';
import { type Side, sideName } from '../../lab/side';
import { type PlayedSide, showPages } from '../../store/compare';
import { PageMirror } from '../../store/pageMirror';
import { MapView } from '../map/MapView';
import { useMapNames } from '../stage/memory/mapNames';
import { useMapTheme } from '../stage/memory/useMapTheme';

const NOTHING: readonly number[] = [];

interface Props {
  readonly side: Side;
  readonly played: PlayedSide;
  readonly step: number;
  readonly record: SideStep | null;
  readonly parting: Parting | null;
}

/** All pages of one machine, the watched one in a ring, and crossed where the step was refused there. */
export function SideMap({ side, played, step, record, parting }: Props) {
  const [mirror] = useState(() => new PageMirror());
  const shown = useRef<{
    readonly feeds: PlayedSide['feeds'][number] | undefined;
    readonly step: number;
  } | null>(null);
  const theme = useMapTheme();
  const names = useMapNames(played.guests[step] ?? []);
  useEffect(() => {
    // Another machine begins with another first picture.
    const first = played.feeds[0];
    const before = shown.current?.feeds === first ? (shown.current?.step ?? null) : null;
    if (before !== step) showPages(mirror, played, before, step);
    shown.current = { feeds: first, step };
  }, [mirror, played, step]);
  const pfn = record?.watched?.pfn ?? null;
  const refused = record?.deeds.some((deed) => deed.refused) === true;
  const faults = useMemo(() => (refused && pfn !== null ? [pfn] : NOTHING), [refused, pfn]);
  if (played.pageCount === 0) return null;
  const describe = (page: number): string => {
    const word = mirror.word(page);
    return `Page ${hex(page * PAGE_SIZE)}: ${names.owner(pageOwner(word))}${pageShared(word) ? ', shared' : ''}`;
  };
  return (
    <figure className="compare-map" data-parts={parting !== null}>
      <div className="compare-map-frame">
        <MapView
          source={mirror}
          mode="owner"
          label={`Map of all pages: ${sideName(side)}`}
          selection={pfn}
          onSelect={() => {}}
          pageCount={played.pageCount}
          {...{ theme, names, faults, describe }}
        />
      </div>
      <figcaption>
        {pfn === null ? (
          'No page is watched yet.'
        ) : (
          <>
            In the ring: <code>{hex(pfn * PAGE_SIZE)}</code>, {frameWords(record?.watched?.owner ?? '')}
            {record?.watched?.rmp && `, ${record.watched.rmp}`}
            {refused && <b> ✕ refused</b>}
            {parting && <b> ◆ differs</b>}
          </>
        )}
      </figcaption>
    </figure>
  );
}

const frameWords = (owner: string): string =>
  owner === 'free' || owner === 'reserved' ? owner : `${called(owner)}’s`;
