import { useMemo } from 'react';
import type { MapTheme } from '../../map/theme';
import { mapThemeOf } from '../../map/themes';
import { useTheme } from '../../theme/useTheme';

/** The map's own colours for the theme on screen. */
export function useMapTheme(): MapTheme {
  const theme = useTheme();
  return useMemo(() => mapThemeOf(theme, document.documentElement.dataset.theme ?? 'system'), [theme]);
}
