import { OWNER_FIRMWARE, OWNER_FREE, OWNER_GUEST, OWNER_HYPERVISOR } from '../../engine/core/page';
import { PAGE_STATES } from '../../engine/rmp/types';
import type { PageCensus } from '../../store/pageMirror';
import { cssColour, packColour, type Rgb } from './colour';
import { ownerColour } from './owners';
import { entropyColour, KEY_NEVER, keyColour } from './palette';
import { RMP_FROM, RMP_NUMBERS, rmpMeaning } from './rmpStates';
import type { MapTheme } from './theme';
import type { MapMode, MapNames, RmpMode } from './types';

export interface LegendEntry {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly mark: 'plain' | 'hatch' | 'structure' | 'outline' | 'lock';
  readonly count: number | null;
}

const css = (rgb: Rgb): string => cssColour(packColour(rgb));

/** What is on the map now: one entry for each number in use, then the patterns. */
export function legendOf(mode: MapMode, theme: MapTheme, names: MapNames, census: PageCensus): LegendEntry[] {
  const plain = (id: number, label: string, rgb: Rgb, count: number | null): LegendEntry => ({
    id: `${mode} ${id}`,
    label,
    colour: css(rgb),
    mark: 'plain',
    count,
  });
  switch (mode) {
    case 'owner':
      return [
        ...inUse(census.owner, byImportance).map((owner) =>
          plain(owner, names.owner(owner), ownerColour(theme, owner), census.owner[owner] ?? 0),
        ),
        ...patterns(theme, census),
      ];
    case 'key':
      return inUse(census.key, upwards)
        .filter((key) => key !== KEY_NEVER)
        .map((key) => plain(key, names.key(key), keyColour(theme, key, names), census.key[key] ?? 0));
    case 'writer':
      return inUse(census.writer, byImportance).map((writer) =>
        plain(writer, names.owner(writer), ownerColour(theme, writer), census.writer[writer] ?? 0),
      );
    case 'rmp':
    case 'rmp-owner':
    case 'rmp-vmpl':
    case 'rmp-validated':
      return rmpLegend(mode, census).map(([number, count]) => {
        const { label, colour } = rmpMeaning(mode, number, theme, names);
        return plain(number, label, colour, count);
      });
    case 'entropy':
      return [
        plain(0, 'all bytes alike', entropyColour(theme, 0), null),
        plain(128, 'text, code', entropyColour(theme, 128), null),
        plain(255, 'looks random', entropyColour(theme, 255), null),
      ];
  }
}

/** The numbers that the RMP gives pages here, and the usual one, which is not counted. */
function rmpLegend(mode: RmpMode, { measured }: PageCensus): [number: number, count: number | null][] {
  const usual = mode === 'rmp' ? PAGE_STATES.indexOf('Hypervisor') : 0;
  const found = [...measured.keys()]
    .map((value) => value - RMP_FROM[mode])
    .filter((number) => number >= 0 && number < RMP_NUMBERS[mode]);
  return [...new Set([usual, ...found])]
    .sort(upwards)
    .map((number) => [number, number === usual ? null : (measured.get(RMP_FROM[mode] + number) ?? 0)]);
}

const inUse = (counts: Int32Array, order: (a: number, b: number) => number): number[] =>
  Array.from(counts.keys())
    .filter((n) => n !== OWNER_FREE && (counts[n] ?? 0) > 0)
    .sort(order);

const upwards = (a: number, b: number): number => a - b;

/** Guests first, as on the map's title; then those below them. */
const byImportance = (a: number, b: number): number => importance(a) - importance(b) || a - b;

const importance = (owner: number): number => {
  if (owner > OWNER_GUEST) return 0;
  return owner === OWNER_HYPERVISOR ? 1 : owner === OWNER_FIRMWARE ? 2 : 3;
};

function patterns(theme: MapTheme, census: PageCensus): LegendEntry[] {
  const ink = theme.mutedInk;
  const all: LegendEntry[] = [
    { id: 'shared', label: 'shared', colour: ink, mark: 'hatch', count: census.shared },
    { id: 'structure', label: 'structure', colour: ink, mark: 'structure', count: census.structure },
    { id: 'private', label: 'private', colour: ink, mark: 'lock', count: null },
    { id: 'fault', label: 'refused', colour: theme.fault, mark: 'outline', count: null },
  ];
  return all.filter(({ count }) => count !== 0);
}
