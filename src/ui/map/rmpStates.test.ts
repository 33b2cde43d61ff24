import { expect, it } from 'vitest';
import { PAGE_STATES } from '../../engine/rmp/types';

import { canvasTheme } from '../theme/testing/tokens';
import { packColour } from './colour';
import { createPalette } from './palette';
import { RMP_FROM, rmpColour, rmpColours, rmpWords } from './rmpStates';
import { mapThemeOf } from './themes';
import { RMP_MODES } from './types';

const THEMES = (['dark', 'light', 'projector'] as const).map((name) => mapThemeOf(canvasTheme(name), name));
const [DARK] = THEMES as [ReturnType<typeof mapThemeOf>];
const names = {
  owner: (owner: number) => `owner ${owner}`,
  key: (key: number) => `key ${key}`,
  ownerOfKey: (key: number) => (key === 5 ? 105 : undefined),
};

it('gives each state a colour of its own', () => {
  for (const theme of THEMES) {
    const colours = PAGE_STATES.map((state) => rmpColour(theme, state).map(Math.round).join());
    expect(new Set(colours).size).toBe(PAGE_STATES.length);
  }
});

it('tells VMPLs apart, and what is accepted from what is not', () => {
  for (const theme of THEMES)
    for (const mode of ['rmp-vmpl', 'rmp-validated'] as const) {
      const colours = rmpColours(mode, theme).map((colour) => colour.join());
      expect(new Set(colours).size).toBe(colours.length);
    }
});

it('numbers of one colouring are none of another', () => {
  const taken = RMP_MODES.map(
    (mode) => [RMP_FROM[mode], RMP_FROM[mode] + rmpColours(mode, DARK).length] as const,
  );
  const sorted = taken.toSorted(([a], [b]) => a - b);
  for (const [i, [, end]] of sorted.entries())
    expect(sorted[i + 1]?.[0] ?? Infinity).toBeGreaterThanOrEqual(end);
});

it('a page has the colour and the words of its number; an ASID those of the guest that has it', () => {
  const palette = createPalette('rmp-owner', DARK, names);
  const number = RMP_FROM['rmp-owner'] + 2 + 3;
  expect(palette.colour(0, number)).toBe(packColour(rmpColours('rmp-owner', DARK, names)[5] ?? [0, 0, 0]));
  expect(rmpWords('rmp-owner', number, DARK, names)).toBe('by the RMP owner 105');
  expect(rmpWords('rmp-owner', number + 1, DARK, names)).toBe('by the RMP ASID 4');
  expect(rmpWords('rmp-vmpl', RMP_FROM['rmp-vmpl'] + 3, DARK, names)).toBe('by the RMP open to VMPL0 to 2');
  expect(rmpWords('rmp', -1, DARK, names)).toBe('by the RMP Hypervisor');
});
