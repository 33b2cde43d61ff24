/**
 * A key or a combination, typed: `Mod` is Ctrl, or Command on a Mac. Letters and digits by what they write, so that every
 * keyboard layout has them where its owner expects them.
 */
export type Hotkey = `${'' | 'Mod+'}${'' | 'Shift+'}${string}`;

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

export function pressed(hotkey: Hotkey, event: KeyPress): boolean {
  const parts = hotkey.split('+');
  const key = parts.at(-1) || '+';
  const mod = parts.includes('Mod');
  if (mod !== (event.ctrlKey || event.metaKey) || event.altKey) return false;
  if (event.key.toLowerCase() !== key.toLowerCase()) return false;
  // A sign such as ? needs Shift on some keyboards and not on others: only for named keys and letters does Shift count.
  const shiftCounts = key.length > 1 || /[a-z]/i.test(key);
  return !shiftCounts || parts.includes('Shift') === event.shiftKey;
}

const NAMES: Readonly<Record<string, string>> = {
  ArrowRight: '→',
  ArrowLeft: '←',
  PageDown: 'Page ↓',
  PageUp: 'Page ↑',
  ' ': 'Space',
  Escape: 'Esc',
};

/** For the shortcut sheet and the menus: `Ctrl K`, or `⌘ K` on a Mac. */
export function spell(hotkey: Hotkey, mac: boolean): string {
  return hotkey
    .split('+')
    .map((part) =>
      part === 'Mod'
        ? mac
          ? '⌘'
          : 'Ctrl'
        : (NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part)),
    )
    .join(' ');
}

export const isMac = (): boolean => /mac|iphone|ipad/i.test(navigator.userAgent);

const WIDGET_KEYS = /^(Arrow|Page|Home|End| $|Enter)/;
/** Pages are turned by clickers: a tab or a border that happens to have the focus lets them pass. */
const ARROW_KEYS = /^(Arrow|Home|End)/;

/**
 * Whether the focused element wants this key for itself: text fields every key, other widgets the ones they move or press with.
 * A combination with Mod is never meant for them.
 */
export function belongsToWidget(target: EventTarget | null, event: KeyPress): boolean {
  if (!(target instanceof Element) || event.ctrlKey || event.metaKey) return false;
  if (
    target.closest(
      'input:not([type=radio], [type=checkbox], [type=range]), textarea, select, [contenteditable=true]',
    )
  )
    return true;
  if (!WIDGET_KEYS.test(event.key)) return false;
  if (event.key === ' ' || event.key === 'Enter')
    return target.closest('button, a, summary, input, [role]') !== null;
  if (ARROW_KEYS.test(event.key) && target.closest('input, [role=tab], [role=separator]')) return true;
  return (
    target.closest(
      '[role=slider], [role=grid], [role=listbox], [role=menu], [role=treegrid], [data-keys]',
    ) !== null
  );
}
