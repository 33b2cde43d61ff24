import {
  OWNER_FIRMWARE,
  OWNER_GUEST,
  OWNER_HYPERVISOR,
  OWNER_RESERVED,
  WRITER_DEVICE,
  WRITER_PHYSICAL,
} from '../../engine/core/page';
import { hueColour, parseColour, type Rgb } from './colour';
import type { MapTheme } from './theme';

const GOLDEN_TURN = 0.618034;

/** The hue of an owner or writer, the same everywhere. */
export function ownerColour(theme: MapTheme, owner: number): Rgb {
  if (owner > OWNER_GUEST) {
    const guest = owner - OWNER_GUEST - 1;
    const chosen = theme.guests[guest];
    if (chosen !== undefined) return parseColour(chosen);
    return hueColour((guest * GOLDEN_TURN) % 1, 0.55, guest % 2 === 0 ? 0.6 : 0.72);
  }
  switch (owner) {
    case OWNER_GUEST:
    case OWNER_HYPERVISOR:
      return parseColour(theme.hypervisor);
    case OWNER_FIRMWARE:
      return parseColour(theme.firmware);
    case OWNER_RESERVED:
      return parseColour(theme.reserved);
    case WRITER_DEVICE:
      return parseColour(theme.device);
    case WRITER_PHYSICAL:
      return parseColour(theme.physical);
    default:
      return parseColour(theme.free);
  }
}
