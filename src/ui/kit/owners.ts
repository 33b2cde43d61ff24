import {
  OWNER_FIRMWARE,
  OWNER_FREE,
  OWNER_GUEST,
  OWNER_HYPERVISOR,
  OWNER_RESERVED,
  WRITER_DEVICE,
  WRITER_PHYSICAL,
} from '../../engine/core/page';

/** The hues of the palette: the CSS names in `tokens.css`, `--guest-1`, `--guest-1-ink`, `--guest-1-soft` and so on. */
export type Hue =
  | 'guest-1'
  | 'guest-2'
  | 'guest-3'
  | 'guest-4'
  | 'firmware'
  | 'hypervisor'
  | 'device'
  | 'physical'
  | 'free'
  | 'reserved';

export type Shape =
  | 'square'
  | 'circle'
  | 'diamond'
  | 'triangle'
  | 'hexagon'
  | 'bar'
  | 'plug'
  | 'cross'
  | 'ring';

const GUEST_HUES = ['guest-1', 'guest-2', 'guest-3', 'guest-4'] as const;
const GUEST_SHAPES = ['square', 'circle', 'diamond', 'triangle'] as const;

/** Domain numbers start at 1; the fifth guest has the first one's hue again, and another shape. */
const guestHue = (domain: number): Hue => GUEST_HUES[(domain - 1 + 4000) % 4] ?? 'guest-1';
const guestShape = (domain: number): Shape =>
  GUEST_SHAPES[(domain - 1 + Math.floor((domain - 1) / 4) + 4000) % 4] ?? 'square';

const NUMBERS: Readonly<Record<number, Hue>> = {
  [OWNER_FREE]: 'free',
  [OWNER_HYPERVISOR]: 'hypervisor',
  [OWNER_FIRMWARE]: 'firmware',
  [OWNER_RESERVED]: 'reserved',
  [WRITER_DEVICE]: 'device',
  [WRITER_PHYSICAL]: 'physical',
};

const NAMES: Readonly<Record<string, Hue>> = {
  xen: 'hypervisor',
  host: 'hypervisor',
  hypervisor: 'hypervisor',
  toolstack: 'hypervisor',
  xl: 'hypervisor',
  dom0: 'hypervisor',
  asp: 'firmware',
  firmware: 'firmware',
  device: 'device',
  nic: 'device',
  probe: 'physical',
  physical: 'physical',
  dram: 'physical',
  free: 'free',
  reserved: 'reserved',
};

/** Guests usually come in this order; a machine that disagrees passes its own list. */
const USUAL_GUESTS = ['alice', 'bob', 'carol', 'dave'];

const SHAPES: Readonly<Record<string, Shape>> = {
  firmware: 'hexagon',
  hypervisor: 'bar',
  device: 'plug',
  physical: 'cross',
  free: 'ring',
  reserved: 'ring',
};

export interface GuestName {
  readonly id: number;
  readonly name: string;
}

function domainOf(name: string, guests: readonly GuestName[]): number {
  const lower = name.toLowerCase();
  const known = guests.find((guest) => guest.name.toLowerCase() === lower);
  if (known) return known.id;
  const usual = USUAL_GUESTS.indexOf(lower);
  if (usual >= 0) return usual + 1;
  let sum = 0;
  for (const letter of lower) sum += letter.charCodeAt(0);
  return (sum % 4) + 1;
}

/** The hue of an owner, everywhere: by its number in a page word, or by name (with the machine's guests, if known). */
export function ownerHue(owner: number | string, guests: readonly GuestName[] = []): Hue {
  if (typeof owner === 'number') return NUMBERS[owner] ?? guestHue(owner - OWNER_GUEST);
  return NAMES[owner.toLowerCase()] ?? guestHue(domainOf(owner, guests));
}

/** The shape that says the same without colour. */
export function ownerShape(owner: number | string, guests: readonly GuestName[] = []): Shape {
  const fixed = SHAPES[ownerHue(owner, guests)];
  if (fixed) return fixed;
  return guestShape(typeof owner === 'number' ? owner - OWNER_GUEST : domainOf(owner, guests));
}

/** `var(--guest-1)`, for a style that is set from code. */
export const hueVar = (hue: Hue, part: 'fill' | 'ink' | 'soft' = 'fill'): string =>
  hue === 'free' || hue === 'reserved' || part === 'fill' ? `var(--${hue})` : `var(--${hue}-${part})`;
