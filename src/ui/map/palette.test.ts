import { describe, expect, it } from 'vitest';
import { OWNER_GUEST, packPage, WRITER_DEVICE, WRITER_PHYSICAL } from '../../engine/core/page';
import { canvasTheme } from '../theme/testing/tokens';
import { contrast, cssColour, packColour, parseColour, type Rgb } from './colour';
import { ownerColour } from './owners';
import { createPalette, entropyColour } from './palette';
import { mapThemeOf } from './themes';

const word = (owner: number, key = 1, writer = owner): number =>
  packPage({ owner, key, writer, shared: false, structure: false });
const distance = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** Linear RGB as seen with three and with two kinds of cones (Machado, Oliveira and Fernandes 2009). */
const SIGHTS = [
  [1, 0, 0, 0, 1, 0, 0, 0, 1],
  [0.152, 1.053, -0.205, 0.115, 0.786, 0.099, -0.004, -0.048, 1.052],
  [0.367, 0.861, -0.228, 0.28, 0.673, 0.047, -0.012, 0.043, 0.969],
  [1.256, -0.077, -0.179, -0.078, 0.931, 0.148, 0.005, 0.691, 0.304],
];

const linear = (part: number): number =>
  part <= 10.31 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
const seenBy = (m: readonly number[], colour: Rgb): number[] =>
  [0, 3, 6].map((row) =>
    Math.max(
      0,
      Math.min(
        1,
        colour.reduce((sum, part, i) => sum + m[row + i]! * linear(part), 0),
      ),
    ),
  );

/** Distance in OKLab. */
function apart(a: readonly number[], b: readonly number[]): number {
  const lab = ([r = 0, g = 0, b = 0]: readonly number[]): number[] => {
    const l = Math.cbrt(0.4122 * r + 0.5363 * g + 0.0514 * b);
    const m = Math.cbrt(0.2119 * r + 0.6807 * g + 0.1074 * b);
    const s = Math.cbrt(0.0883 * r + 0.2817 * g + 0.63 * b);
    return [
      0.2105 * l + 0.7936 * m - 0.0041 * s,
      1.978 * l - 2.4286 * m + 0.4506 * s,
      0.0259 * l + 0.7828 * m - 0.8087 * s,
    ];
  };
  const [x, y] = [lab(a), lab(b)];
  return Math.hypot(...x.map((value, i) => value - y[i]!));
}

const MAP_THEMES = (['light', 'dark', 'projector'] as const).map((name) =>
  mapThemeOf(canvasTheme(name), name),
);

describe.each(MAP_THEMES)('palette of the $name theme', (theme) => {
  it('tells every owner, the fault and a free page apart', () => {
    const owners = [0, 1, 2, 3, ...Array.from({ length: 12 }, (_, guest) => OWNER_GUEST + 1 + guest)];
    const colours = [...owners.map((owner) => ownerColour(theme, owner)), parseColour(theme.fault)];
    colours.forEach((a, i) => {
      for (const b of colours.slice(0, i)) expect(distance(a, b), `${a} ${b}`).toBeGreaterThan(28);
    });
  });

  it('tells hands on the hardware from everybody else, the fault included, also without red, green or blue', () => {
    const guests = [0, 1, 2, 3].map((guest) => OWNER_GUEST + 1 + guest);
    const others = [...[0, 1, 2, 3, WRITER_DEVICE, ...guests].map((owner) => ownerColour(theme, owner))];
    const physical = ownerColour(theme, WRITER_PHYSICAL);
    for (const other of [...others, parseColour(theme.fault)])
      for (const sight of SIGHTS)
        expect(apart(seenBy(sight, physical), seenBy(sight, other)), `${other}`).toBeGreaterThan(0.1);
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
    for (const mode of ['owner', 'key', 'writer', 'entropy', 'rmp'] as const)
      expect(createPalette(mode, theme).colour(0, -1)).toBe(0);
  });

  it('shades entropy in steps that always grow lighter', () => {
    const sums = [0, 64, 128, 192, 255].map((value) => entropyColour(theme, value).reduce((a, b) => a + b));
    expect(sums).toEqual([...sums].sort((a, b) => a - b));
  });
});

describe('palette', () => {
  const theme = mapThemeOf(canvasTheme('dark'), 'dark');

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
