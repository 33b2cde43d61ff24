/** The colours of `tokens.css` for canvases, which know no custom properties: resolved once a theme, as `rgb(…)` text. */
export const COLOURS = {
  surface0: '--surface-0',
  surface1: '--surface-1',
  surface2: '--surface-2',
  surface3: '--surface-3',
  sunken: '--surface-sunken',
  line: '--line',
  lineStrong: '--line-strong',
  text: '--text',
  textMuted: '--text-muted',
  textFaint: '--text-faint',
  accent: '--accent',
  focus: '--focus',
  good: '--good',
  warn: '--warn',
  fault: '--fault',
  faultInk: '--fault-ink',
  guest1: '--guest-1',
  guest2: '--guest-2',
  guest3: '--guest-3',
  guest4: '--guest-4',
  guest5: '--guest-5',
  guest6: '--guest-6',
  guest7: '--guest-7',
  guest8: '--guest-8',
  guest9: '--guest-9',
  guest10: '--guest-10',
  guest11: '--guest-11',
  guest12: '--guest-12',
  firmware: '--firmware',
  hypervisor: '--hypervisor',
  device: '--device',
  owner: '--owner',
  physical: '--physical',
  free: '--free',
  reserved: '--reserved',
  keyNone: '--key-none',
  keyHost: '--key-host',
  changed: '--changed',
  selection: '--selection',
} as const;

export const FACES = { sans: '--sans', mono: '--mono' } as const;

export type ThemeColour = keyof typeof COLOURS;
export type Theme = { readonly [name in ThemeColour | keyof typeof FACES]: string };

let current: Theme | null = null;
const listeners = new Set<() => void>();

/** A custom property's text is not computed by the browser, a real property's is: a hidden element lends its `color`. */
function readTheme(): Theme {
  const probe = document.createElement('i');
  probe.hidden = true;
  // With forced colours every `color` would read as the system's text: owners keep their hues on a canvas.
  probe.style.setProperty('forced-color-adjust', 'none');
  document.body.append(probe);
  const computed = getComputedStyle(probe);
  const theme: Record<string, string> = {};
  for (const [name, property] of Object.entries(COLOURS)) {
    probe.style.color = `var(${property})`;
    theme[name] = computed.color;
  }
  for (const [name, property] of Object.entries(FACES))
    theme[name] = computed.getPropertyValue(property).trim();
  probe.remove();
  return theme as Theme;
}

/** The theme on screen now; the same object until it changes. */
export function currentTheme(): Theme {
  current ??= readTheme();
  return current;
}

/** Call after `data-theme` on the root has changed; the system's own changes are noticed here. */
export function themeChanged(): void {
  current = null;
  for (const listener of listeners) listener();
}

const SYSTEM = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'];

export function onThemeChange(listener: () => void): () => void {
  if (listeners.size === 0)
    for (const query of SYSTEM) matchMedia(query).addEventListener('change', themeChanged);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0)
      for (const query of SYSTEM) matchMedia(query).removeEventListener('change', themeChanged);
  };
}
