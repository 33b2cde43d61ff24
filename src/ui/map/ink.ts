import { contrast, parseColour, unpackColour } from './colour';
import type { MapTheme } from './theme';

const known = new WeakMap<MapTheme, Map<number, string>>();

/** The writing colour that contrasts more with a packed fill; 0 is the colour of a free page. */
export function inkOn(theme: MapTheme, fill: number): string {
  let inks = known.get(theme);
  if (inks === undefined) {
    inks = new Map();
    known.set(theme, inks);
  }
  const before = inks.get(fill);
  if (before !== undefined) return before;
  const under = fill === 0 ? parseColour(theme.free) : unpackColour(fill);
  const dark = contrast(under, parseColour(theme.darkInk));
  const ink = dark >= contrast(under, parseColour(theme.lightInk)) ? theme.darkInk : theme.lightInk;
  inks.set(fill, ink);
  return ink;
}
