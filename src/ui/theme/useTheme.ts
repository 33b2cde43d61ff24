import { useSyncExternalStore } from 'react';
import { currentTheme, onThemeChange, type Theme } from './theme';

/** The colours to draw a canvas with; a new object, and a new render, when the theme changes. */
export const useTheme = (): Theme => useSyncExternalStore(onThemeChange, currentTheme);
