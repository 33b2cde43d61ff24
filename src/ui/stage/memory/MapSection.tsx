import { Suspense, useMemo } from 'react';
import { hex, PAGE_SIZE } from '../../../engine/core/address';
import { pageOwner, pageShared, pageStructure } from '../../../engine/core/page';
import { pages } from '../../../store/engine';
import { engine } from '../../../store/session';
import { type MapColouring, selectPage, setView } from '../../../store/view';
import type { Status } from '../../../worker/protocol';
import { later } from '../../kit/later';
import { Segmented } from '../../kit/Segmented';
import { MapLegend } from '../../map/MapLegend';
import { MapView } from '../../map/MapView';
import { rmpWords } from '../../map/rmpStates';
import { isRmpMode } from '../../map/types';
import { sizeWords } from '../shared/names';
import { mapRegions, useMapNames } from './mapNames';
import { useMapTheme } from './useMapTheme';
import { useMeasured } from './useMeasured';

const ObjectPicks = later(() => import('./ObjectPicks'));

const RmpAspects = later(() => import('./RmpAspects'));

const MODES: readonly { value: MapColouring; title: string; hint: string }[] = [
  { value: 'owner', title: 'Owner', hint: 'Whose page it is' },
  { value: 'key', title: 'Key', hint: 'Under which key bytes last reached the DRAM' },
  { value: 'writer', title: 'Last writer', hint: 'Who last moved bytes into the DRAM here' },
  {
    value: 'entropy',
    title: 'Entropy',
    hint: 'How random the bytes on the DRAM look: ciphertext is close to 8 bits a byte',
  },
  { value: 'rmp', title: 'RMP', hint: 'What the reverse map table says of the page' },
];

async function dramBytes(pfn: number): Promise<Uint8Array> {
  const look = await engine.look({ eye: 'dram' }, pfn * PAGE_SIZE, PAGE_SIZE);
  return look.ok ? look.bytes : new Uint8Array(PAGE_SIZE);
}

interface Props {
  readonly status: Status;
  readonly revision: number;
  readonly selection: number | null;
  readonly mode: MapColouring;
}

/** All pages of the machine, coloured by what one wants to know of them. */
export function MapSection({ status, revision, selection, mode: chosen }: Props) {
  const snp = status.config.technology === 'sev-snp';
  const mode = isRmpMode(chosen) && !snp ? 'owner' : chosen;
  const theme = useMapTheme();
  const { guests, regions, pageCount, hot } = status;
  const names = useMapNames(guests);
  const places = useMemo(() => mapRegions(regions), [regions]);
  useMeasured(mode);
  const describe = (pfn: number): string => {
    const word = pages.word(pfn);
    const notes = [
      pageShared(word) ? 'shared' : '',
      pageStructure(word) ? 'a structure of the hardware' : '',
      isRmpMode(mode) ? rmpWords(mode, pages.measured(pfn), theme, names) : '',
    ];
    return [`Page ${hex(pfn * PAGE_SIZE)}: ${names.owner(pageOwner(word))}`, ...notes.filter(Boolean)].join(
      ', ',
    );
  };
  return (
    <section className="map-section" aria-label="Memory map">
      <div className="stage-bar">
        <Segmented
          label="Colour the map by"
          options={MODES.filter(({ value }) => snp || value !== 'rmp')}
          value={isRmpMode(mode) ? 'rmp' : mode}
          onChange={(colouring) => setView({ colouring })}
        />
        <Suspense>
          <ObjectPicks guests={guests} />
        </Suspense>
      </div>
      <div className="map-frame">
        <MapView
          source={pages}
          label="Map of all pages of memory"
          regions={places}
          bytesOf={dramBytes}
          onSelect={selectPage}
          {...{ pageCount, mode, theme, names, selection, describe, hot, revision }}
        />
      </div>
      <div className="stage-bar map-foot">
        {isRmpMode(mode) && (
          <Suspense>
            <RmpAspects mode={mode} />
          </Suspense>
        )}
        <MapLegend source={pages} {...{ mode, theme, names }} />
        <span className="push faint">
          {pageCount.toLocaleString('en')} pages of 4 KiB · {sizeWords(status.config.memory)}
        </span>
      </div>
    </section>
  );
}
