import { LENS_MODES, MAP_COLOURINGS, SIZES, type SizeName, THEMES, type ViewState, viewStore } from './view';

const KEY = 'sevscope.view';
/** Read on its own by `public/theme.js`, before anything is drawn. */
const THEME_KEY = 'sevscope.theme';
const EDITING_KEY = 'sevscope.editing';

const CHOICES = new Map<string, readonly unknown[]>([
  ['lens', LENS_MODES],
  ['colouring', MAP_COLOURINGS],
  ['theme', THEMES],
]);
const FLAGS = ['consoleOpen'] as const;
const SIZE_NAMES = Object.keys(SIZES) as SizeName[];

/** What is worth keeping from one visit to the next. What the link holds (tab, page) is not repeated here. */
export function settingsOf(view: ViewState): Partial<ViewState> {
  const { lens, colouring, theme, consoleOpen } = view;
  const sizes = Object.fromEntries(SIZE_NAMES.map((name) => [name, view[name]]));
  return { lens, colouring, theme, consoleOpen, ...sizes };
}

/** Anybody may have written into the storage: take what fits, field by field, and leave the rest at its default. */
export function readSettings(text: string | null): Partial<ViewState> {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? 'null');
  } catch {
    return {};
  }
  if (typeof stored !== 'object' || stored === null) return {};
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(stored)) {
    const choices = CHOICES.get(name);
    if (choices ? choices.includes(value) : fits(name, value)) found[name] = value;
  }
  return found;
}

function fits(name: string, value: unknown): boolean {
  if (FLAGS.some((flag) => flag === name)) return typeof value === 'boolean';
  const size = SIZE_NAMES.find((known) => known === name);
  return (
    size !== undefined && typeof value === 'number' && value >= SIZES[size].least && value <= SIZES[size].most
  );
}

/**
 * Loads the settings, and keeps them from now on. Without storage (a private window, a sandbox) nothing is kept.
 * @param tab what lasts as long as a tab: a reload finds the editor open
 */
export function keepSettings(storage: Storage | null, tab: Storage | null): void {
  viewStore.setState({
    ...readSettings(storage?.getItem(KEY) ?? null),
    editing: tab?.getItem(EDITING_KEY) === 'yes',
  });
  viewStore.subscribe((view, before) => {
    if (view.editing !== before.editing) keepEditing(tab, view.editing);
    const text = JSON.stringify(settingsOf(view));
    if (text === JSON.stringify(settingsOf(before))) return;
    try {
      storage?.setItem(KEY, text);
      if (view.theme === 'system') storage?.removeItem(THEME_KEY);
      else storage?.setItem(THEME_KEY, view.theme);
    } catch {
      // full or forbidden: the choice holds until the page is left
    }
  });
}

function keepEditing(tab: Storage | null, editing: boolean): void {
  try {
    tab?.setItem(EDITING_KEY, editing ? 'yes' : 'no');
  } catch {
    // full or forbidden: a reload shows the script
  }
}
