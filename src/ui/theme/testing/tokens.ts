import { readFileSync } from 'node:fs';
import { COLOURS, FACES, type Theme } from '../theme';

/** What `tokens.css` says, without a browser. */
const css = readFileSync(new URL('../tokens.css', import.meta.url), 'utf8');

const blockOf = (selector: string): string => css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? '';
const declarations = (block: string): Map<string, string> =>
  new Map([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name ?? '', value ?? '']));

const usual = declarations(blockOf(':root'));
const projector = new Map([...usual, ...declarations(blockOf(':root[data-theme="projector"]'))]);

/** The value of a token in one scheme: `light-dark(a, b)` has both, a single colour serves for both. */
function colour(tokens: Map<string, string>, name: string, scheme: 'light' | 'dark'): string {
  const value = tokens.get(name) ?? '';
  const [, light, dark] = /light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/.exec(value) ?? [null, value, value];
  return (scheme === 'light' ? light : dark) ?? '';
}

/** The three themes, each with its tokens by name. */
export const THEMES = [
  { name: 'light', of: (token: string) => colour(usual, token, 'light') },
  { name: 'dark', of: (token: string) => colour(usual, token, 'dark') },
  { name: 'projector', of: (token: string) => colour(projector, token, 'dark') },
] as const;

/** A theme as a canvas gets it. */
export function canvasTheme(name: (typeof THEMES)[number]['name']): Theme {
  const theme = THEMES.find((each) => each.name === name);
  const read = ([key, property]: [string, string]) => [key, theme?.of(property.slice(2))];
  return Object.fromEntries(Object.entries({ ...COLOURS, ...FACES }).map(read));
}
