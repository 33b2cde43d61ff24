import type { MapTheme } from './theme';

/**
 * The first four are Okabe and Ito's; the others were chosen greedily for their distance in OKLab from those and from
 * firmware, hypervisor and fault, also as seen with deuteranopia and protanopia.
 */
const GUESTS = [
  '#E69F00',
  '#56B4E9',
  '#CC79A7',
  '#F0E442',
  '#9172FE',
  '#66E9C1',
  '#8F6752',
  '#EFC785',
  '#AA5ABC',
  '#A9B489',
  '#B7DDF5',
  '#4F63B8',
] as const;

const FACES = {
  mono: '"JetBrains Mono", ui-monospace, monospace',
  sans: '"Source Sans 3", system-ui, sans-serif',
} as const;

const dark: MapTheme = {
  ...FACES,
  name: 'dark',
  background: '#0d111c',
  free: '#171d2c',
  guests: GUESTS,
  firmware: '#009E73',
  hypervisor: '#646D86',
  reserved: '#333A4D',
  device: '#C9B6F2',
  physical: '#FF8A5B',
  noKey: '#8C93A5',
  hostKey: '#4C7A99',
  fault: '#D55E00',
  hot: '#FFFFFF',
  selection: '#FFFFFF',
  cursor: '#9CC9F5',
  ink: '#E8ECF5',
  mutedInk: '#8D96AD',
  darkInk: '#10131C',
  lightInk: '#FFFFFF',
  entropy: ['#10294A', '#2F4B6E', '#5D6B78', '#8D8B74', '#C4AE63', '#FDE945'],
  size: 1,
};

const light: MapTheme = {
  ...dark,
  name: 'light',
  background: '#FFFFFF',
  free: '#EEF1F6',
  hypervisor: '#7C86A0',
  reserved: '#C3CAD8',
  device: '#7B5CC4',
  physical: '#B8431A',
  noKey: '#A3AAB8',
  hostKey: '#4C7A99',
  hot: '#111827',
  selection: '#111827',
  cursor: '#1D5FA8',
  ink: '#1B2233',
  mutedInk: '#5B657C',
};

const projector: MapTheme = {
  ...dark,
  name: 'projector',
  background: '#000000',
  free: '#161A24',
  hypervisor: '#7D87A3',
  reserved: '#444C61',
  firmware: '#00B886',
  fault: '#FF7A1A',
  cursor: '#B9DCFF',
  ink: '#FFFFFF',
  mutedInk: '#C2C9D9',
  size: 1.35,
};

export const MAP_THEMES = { dark, light, projector } as const;
