import type { Theme } from '../theme/theme';
import type { HexColour, MapTheme } from './theme';

/** From no entropy to full: ever lighter, and as different without red and green. */
const ENTROPY = ['#10294A', '#2F4B6E', '#5D6B78', '#8D8B74', '#C4AE63', '#FDE945'] as const;
const DARK_INK = '#10131C';
const LIGHT_INK = '#FFFFFF';
/** In a hall, everything drawn on the map is this much larger. */
const HALL = 1.35;

/** `rgb(1, 2, 3)`, as browsers compute colours, or `#010203`. */
function hex(colour: string): HexColour {
  if (colour.startsWith('#')) return colour as HexColour;
  const parts = (colour.match(/[\d.]+/g) ?? []).slice(0, 3);
  return `#${parts.map((part) => Math.round(Number(part)).toString(16).padStart(2, '0')).join('')}`;
}

/** What the map draws with: the colours of `tokens.css` in the theme that is on screen. */
export function mapThemeOf(theme: Theme, name: string): MapTheme {
  return {
    name,
    mono: theme.mono,
    sans: theme.sans,
    background: hex(theme.sunken),
    free: hex(theme.free),
    guests: GUESTS.map((guest) => hex(theme[guest])),
    firmware: hex(theme.firmware),
    hypervisor: hex(theme.hypervisor),
    reserved: hex(theme.reserved),
    device: hex(theme.device),
    physical: hex(theme.physical),
    noKey: hex(theme.keyNone),
    hostKey: hex(theme.keyHost),
    fault: hex(theme.fault),
    hot: hex(theme.selection),
    selection: hex(theme.selection),
    cursor: hex(theme.focus),
    ink: hex(theme.text),
    mutedInk: hex(theme.textMuted),
    darkInk: DARK_INK,
    lightInk: LIGHT_INK,
    entropy: ENTROPY,
    size: name === 'projector' ? HALL : 1,
  };
}

const GUESTS = [
  'guest1',
  'guest2',
  'guest3',
  'guest4',
  'guest5',
  'guest6',
  'guest7',
  'guest8',
  'guest9',
  'guest10',
  'guest11',
  'guest12',
] as const;
