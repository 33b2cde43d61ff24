import { describe, expect, it } from 'vitest';
import { OWNER_GUEST, packPage } from '../../engine/core/page';
import { contrast, cssColour, packColour, parseColour, type Rgb } from './colour';
import { createPalette, entropyColour, ownerColour } from './palette';
import { MAP_THEMES } from './themes';

const word = (owner: number, key = 1, writer = owner): number =>
  packPage({ owner, key, writer, shared: false, structure: false });
const distance = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe.each(Object.values(MAP_THEMES))('palette of the $name theme', (theme) => {
  it('tells every owner, the fault and a free page apart', () => {
    const owners = [0, 1, 2, 3, ...Array.from({ length: 12 }, (_, guest) => OWNER_GUEST + 1 + guest)];
    const colours = [...owners.map((owner) => ownerColour(theme, owner)), parseColour(theme.fault)];
    colours.forEach((a, i) => {
      for (const b of colours.slice(0, i)) expect(distance(a, b), `${a} ${b}`).toBeGreaterThan(28);
    });
  });

  it('gives further guests colours that do not repeat soon', () => {
    const colours = Array.from({ length: 64 }, (_, guest) =>
      ownerColour(theme, OWNER_GUEST + 1 + guest).join(),
    );
    expect(new Set(colours).size).toBe(64);
  });

  it('writes on the background with a contrast of 4.5 or more', () => {
    for (const ink of [theme.ink, theme.mutedInk])
      expect(contrast(parseColour(ink), parseColour(theme.background))).toBeGreaterThan(4.5);
    for (const mark of [theme.fault, theme.selection, theme.cursor, theme.hot])
      expect(contrast(parseColour(mark), parseColour(theme.background))).toBeGreaterThan(3);
  });

  it('leaves a free page to the background in every mode', () => {
    for (const mode of ['owner', 'key', 'writer', 'entropy'] as const)
      expect(createPalette(mode, theme).colour(0, -1)).toBe(0);
  });

  it('shades entropy in steps that always grow lighter', () => {
    const sums = [0, 64, 128, 192, 255].map((value) => entropyColour(theme, value).reduce((a, b) => a + b));
    expect(sums).toEqual([...sums].sort((a, b) => a - b));
  });
});

describe('palette', () => {
  const theme = MAP_THEMES.dark;

  it('uses the hue of a guest for its ASID and its writes', () => {
    const alice = packColour(ownerColour(theme, OWNER_GUEST + 1));
    expect(createPalette('key', theme).colour(word(OWNER_GUEST + 1, 3), -1)).toBe(alice);
    expect(createPalette('writer', theme).colour(word(1, 1, OWNER_GUEST + 1), -1)).toBe(alice);
    const names = { owner: String, key: String, ownerOfKey: () => OWNER_GUEST + 1 };
    expect(createPalette('key', theme, names).colour(word(OWNER_GUEST + 1, 500), -1)).toBe(alice);
  });

  it('packs and unpacks colours', () => {
    expect(cssColour(packColour(parseColour('#56b4e9')))).toBe('#56b4e9');
  });
});
