import { expect, it } from 'vitest';
import { PAGE_STATES } from '../../engine/rmp/pageState';

import { canvasTheme } from '../theme/testing/tokens';
import { RMP_STATES, rmpColour } from './rmpStates';
import { mapThemeOf } from './themes';

it('knows the states in the engine’s order, each with a colour of its own', () => {
  expect(RMP_STATES).toEqual(PAGE_STATES);
  for (const name of ['dark', 'light', 'projector'] as const) {
    const theme = mapThemeOf(canvasTheme(name), name);
    const colours = RMP_STATES.map((state) => rmpColour(theme, state).map(Math.round).join());
    expect(new Set(colours).size).toBe(RMP_STATES.length);
  }
});
