import { useEffect, useState } from 'react';
import type { PageMirror } from '../../store/pageMirror';
import { type LegendEntry, legendOf } from './legend';
import './map.css';
import type { MapTheme } from './theme';
import type { MapMode, MapNames } from './types';

export interface MapLegendProps {
  readonly source: Pick<PageMirror, 'census' | 'subscribe'>;
  readonly mode: MapMode;
  readonly theme: MapTheme;
  readonly names: MapNames;
}

const format = new Intl.NumberFormat('en-GB');

/** What the colours and patterns of the map mean, with the number of pages of each. */
export function MapLegend({ source, mode, theme, names }: MapLegendProps) {
  useQuietUpdates(source);
  return (
    <ul className="map-legend" aria-label="Legend of the memory map">
      {legendOf(mode, theme, names, source.census).map((entry) => (
        <li key={entry.id}>
          <Swatch entry={entry} theme={theme} />
          {entry.label}
          {entry.count !== null && <span className="map-legend-count">{format.format(entry.count)}</span>}
        </li>
      ))}
    </ul>
  );
}

const QUIET_MS = 250;

/** Renders again after patches, but not at the pace of a running machine. */
function useQuietUpdates(source: MapLegendProps['source']): void {
  const [, setTick] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leave = source.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setTick((tick) => tick + 1);
      }, QUIET_MS);
    });
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, [source]);
}

function Swatch({
  entry: { mark, colour },
  theme,
}: {
  readonly entry: LegendEntry;
  readonly theme: MapTheme;
}) {
  return (
    <svg viewBox="0 0 14 14" aria-hidden="true">
      {mark === 'outline' ? (
        <rect x="1.5" y="1.5" width="11" height="11" rx="2.5" fill="none" stroke={colour} strokeWidth="2" />
      ) : (
        <rect width="14" height="14" rx="2.5" fill={colour} />
      )}
      {mark === 'hatch' && (
        <path d="M-1 6 8 15M-1 -1 15 15M6 -1 15 8" stroke={theme.background} strokeWidth="2" />
      )}
      {mark === 'structure' && <path d="M4 4h6v6h-6zM6 6v2h2v-2z" fill={theme.background} />}
      {mark === 'lock' && (
        <path
          d="M4 7V5.4a3 3 0 0 1 6 0V7M3.5 7h7v4h-7z"
          fill="none"
          stroke={theme.background}
          strokeWidth="1.5"
        />
      )}
    </svg>
  );
}
