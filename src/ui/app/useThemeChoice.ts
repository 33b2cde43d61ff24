import { useLayoutEffect } from 'react';
import { useView } from '../kit/stores';
import { themeChanged } from '../theme/theme';

/** Puts the chosen theme on the root element, where the style sheets and the canvases find it. */
export function useThemeChoice(): void {
  const theme = useView((view) => view.theme);
  useLayoutEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    themeChanged();
  }, [theme]);
}
