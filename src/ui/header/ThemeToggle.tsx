import { Moon, Presentation, Sun, SunMoon } from 'lucide-react';
import { setView, THEMES, type ThemeChoice } from '../../store/view';
import { useView } from '../kit/stores';

const LOOKS: Readonly<Record<ThemeChoice, { readonly icon: typeof Moon; readonly title: string }>> = {
  system: { icon: SunMoon, title: 'as the system' },
  dark: { icon: Moon, title: 'dark' },
  light: { icon: Sun, title: 'light' },
  projector: { icon: Presentation, title: 'projector' },
};

/** One press a theme, round and round; the palette names each. */
export function ThemeToggle() {
  const theme = useView((view) => view.theme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  const { icon: Icon, title } = LOOKS[theme];
  return (
    <button
      type="button"
      className="button button-icon header-wide header-seldom"
      aria-label={`Theme: ${title}. Change to ${LOOKS[next].title}`}
      title={`Theme: ${title}`}
      onClick={() => setView({ theme: next })}
    >
      <Icon aria-hidden />
    </button>
  );
}
