import { OWNER_FREE, OWNER_GUEST, pageKey, pageOwner, pageWriter } from '../../engine/core/page';
import { cssColour, mix, packColour, parseColour, type Rgb } from './colour';
import { ownerColour } from './owners';
import { RMP_FROM, rmpColours } from './rmpStates';
import type { MapTheme } from './theme';
import { isRmpMode, type MapMode, type MapNames, type RmpMode } from './types';

export const KEY_NEVER = 0;
const KEY_NONE = 1;
export const KEY_HOST = 2;

const NUMBERS = 1024;
export function keyColour(theme: MapTheme, key: number, names?: MapNames): Rgb {
  if (key === KEY_NEVER) return parseColour(theme.free);
  if (key === KEY_NONE) return parseColour(theme.noKey);
  if (key === KEY_HOST) return parseColour(theme.hostKey);
  return ownerColour(theme, names?.ownerOfKey?.(key) ?? OWNER_GUEST + key - KEY_HOST);
}

export function entropyColour(theme: MapTheme, value: number): Rgb {
  const at = (value / 255) * (theme.entropy.length - 1);
  const low = Math.floor(at);
  const from = parseColour(theme.entropy[low] ?? theme.background);
  return mix(from, parseColour(theme.entropy[low + 1] ?? theme.entropy[low] ?? theme.background), at - low);
}

/** How a page word becomes a pixel. 0 is transparent: the background or a region's tint shows. */
export interface Palette {
  readonly mode: MapMode;
  readonly theme: MapTheme;
  /** Colours say what was measured. */
  readonly measured: boolean;
  colour(word: number, entropy: number): number;
  css(word: number, entropy: number): string;
}

/** Where an owned page was never written, its colour is nearly that of a free one. */
const UNWRITTEN = 0.62;
/** From afar the hatch of a shared page is only a shade. */
const SHARED = 0.28;
const STRUCTURE = 0.35;

export function createPalette(mode: MapMode, theme: MapTheme, names?: MapNames): Palette {
  const pick = PICKERS[mode](theme, names);
  const measured = mode === 'entropy' || isRmpMode(mode);
  return { mode, theme, measured, colour: pick, css: (word, entropy) => cssColour(pick(word, entropy)) };
}

type Picker = (word: number, entropy: number) => number;

const PICKERS: Record<MapMode, (theme: MapTheme, names?: MapNames) => Picker> = {
  owner: (theme) => {
    const table = new Uint32Array(NUMBERS * 8);
    const free = parseColour(theme.free);
    for (let owner = 1; owner < NUMBERS; owner++)
      for (let flags = 0; flags < 8; flags++) {
        let colour = ownerColour(theme, owner);
        if (flags & 2) colour = mix(colour, parseColour(theme.lightInk), STRUCTURE);
        if (flags & 1) colour = mix(colour, parseColour(theme.background), SHARED);
        if (flags & 4) colour = mix(colour, free, UNWRITTEN);
        table[owner * 8 + flags] = packColour(colour);
      }
    return (word) =>
      table[pageOwner(word) * 8 + (word >>> 30) + (pageKey(word) === KEY_NEVER ? 4 : 0)] as number;
  },
  key: (theme, names) => {
    const table = Uint32Array.from({ length: NUMBERS }, (_, key) => packColour(keyColour(theme, key, names)));
    return (word) =>
      pageOwner(word) === OWNER_FREE && pageKey(word) === KEY_NEVER ? 0 : (table[pageKey(word)] as number);
  },
  writer: (theme) => {
    const table = Uint32Array.from({ length: NUMBERS }, (_, writer) =>
      packColour(ownerColour(theme, writer)),
    );
    return (word) => (pageWriter(word) === OWNER_FREE ? 0 : (table[pageWriter(word)] as number));
  },
  entropy: (theme) => {
    const table = Uint32Array.from({ length: 256 }, (_, value) => packColour(entropyColour(theme, value)));
    return (_word, entropy) => (entropy < 0 || entropy > 255 ? 0 : (table[entropy] as number));
  },
  rmp: byRmp('rmp'),
  'rmp-owner': byRmp('rmp-owner'),
  'rmp-vmpl': byRmp('rmp-vmpl'),
  'rmp-validated': byRmp('rmp-validated'),
};

function byRmp(mode: RmpMode): (theme: MapTheme, names?: MapNames) => Picker {
  const from = RMP_FROM[mode];
  return (theme, names) => {
    const table = Uint32Array.from(rmpColours(mode, theme, names), packColour);
    return (_word, value) => (value < from ? 0 : (table[value - from] ?? 0));
  };
}
