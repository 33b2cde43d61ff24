import { useSyncExternalStore } from 'react';
import type { MapTheme } from '../../map/theme';
import { MAP_THEMES } from '../../map/themes';
import { onThemeChange } from '../../theme/theme';

function themeNow(): MapTheme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'projector' || chosen === 'light' || chosen === 'dark') return MAP_THEMES[chosen];
  return matchMedia('(prefers-color-scheme: dark)').matches ? MAP_THEMES.dark : MAP_THEMES.light;
}

/** The map's own colours for the theme on screen. */
export const useMapTheme = (): MapTheme => useSyncExternalStore(onThemeChange, themeNow);
