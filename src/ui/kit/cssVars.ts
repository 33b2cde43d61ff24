import type { CSSProperties } from 'react';

/** Custom properties for a `style`, which React's types do not know. */
export const cssVars = (vars: { readonly [name: `--${string}`]: string | number }): CSSProperties =>
  vars as CSSProperties;
