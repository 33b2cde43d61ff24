import { expect, it } from 'vitest';
import { PAGE_STATES } from '../../engine/rmp/types';

import { canvasTheme } from '../theme/testing/tokens';
import { rmpColour } from './rmpStates';
import { mapThemeOf } from './themes';

it('gives each state a colour of its own', () => {
  for (const name of ['dark', 'light', 'projector'] as const) {
    const theme = mapThemeOf(canvasTheme(name), name);
    const colours = PAGE_STATES.map((state) => rmpColour(theme, state).map(Math.round).join());
    expect(new Set(colours).size).toBe(PAGE_STATES.length);
  }
});
