import type { PageState } from '../../engine/rmp/types';
import { mix, parseColour, type Rgb } from './colour';
import type { MapTheme } from './theme';

/** What is measured of a page by the RMP: its place in this list, behind all entropies. */
export const RMP_FROM = 256;

/** Greys are the hypervisor’s, greens the firmware’s; what is a guest’s grows lighter as it is accepted. */
export function rmpColour(theme: MapTheme, state: PageState): Rgb {
  const [firmware, hypervisor] = [parseColour(theme.firmware), parseColour(theme.hypervisor)];
  const guest = (index: number): Rgb => parseColour(theme.guests[index] ?? theme.free);
  const light = parseColour(theme.lightInk);
  const dark = parseColour(theme.darkInk);
  switch (state) {
    case 'Default':
      return parseColour(theme.reserved);
    case 'Hypervisor':
      return parseColour(theme.free);
    case 'HV-fixed':
      return hypervisor;
    case 'Firmware':
      return firmware;
    case 'Context':
      return mix(firmware, light, 0.4);
    case 'Metadata':
      return mix(firmware, light, 0.75);
    case 'Firmware-IOMMU':
      return mix(firmware, dark, 0.5);
    case 'Reclaim':
      return mix(firmware, hypervisor, 0.6);
    case 'Pre-Guest':
      return guest(4);
    case 'Pre-Swap':
      return guest(2);
    case 'Guest-Invalid':
      return guest(0);
    case 'Guest-Valid':
      return guest(1);
    case 'Invalid':
      return parseColour(theme.fault);
  }
}
