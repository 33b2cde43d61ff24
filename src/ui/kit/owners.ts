import {
  OWNER_FIRMWARE,
  OWNER_FREE,
  OWNER_GUEST,
  OWNER_HYPERVISOR,
  OWNER_RESERVED,
  WRITER_DEVICE,
  WRITER_PHYSICAL,
} from '../../engine/core/page';

const GUEST_HUES = [
  'guest-1',
  'guest-2',
  'guest-3',
  'guest-4',
  'guest-5',
  'guest-6',
  'guest-7',
  'guest-8',
  'guest-9',
  'guest-10',
  'guest-11',
  'guest-12',
] as const;
const GUEST_SHAPES = ['square', 'circle', 'diamond', 'triangle', 'bar'] as const;

/** The hues of the palette: the CSS names in `tokens.css`, `--guest-1`, `--guest-1-ink`, `--guest-1-soft` and so on. */
export type Hue =
  | (typeof GUEST_HUES)[number]
  | 'firmware'
  | 'hypervisor'
  | 'device'
  | 'owner'
  | 'physical'
  | 'free'
  | 'reserved';

export type Shape = (typeof GUEST_SHAPES)[number] | 'hexagon' | 'plug' | 'house' | 'cross' | 'ring' | 'slab';

/** Domain numbers start at 0. A thirteenth guest has the first one's hue again, and another shape. */
const guestHue = (domain: number): Hue => GUEST_HUES[domain % GUEST_HUES.length] ?? 'guest-1';
const guestShape = (domain: number): Shape => GUEST_SHAPES[domain % GUEST_SHAPES.length] ?? 'square';

const NUMBERS: Readonly<Record<number, Hue>> = {
  [OWNER_GUEST]: 'hypervisor',
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
  owner: 'owner',
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
  hypervisor: 'slab',
  device: 'plug',
  owner: 'house',
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
  if (known) return known.id - 1;
  const usual = USUAL_GUESTS.indexOf(lower);
  let sum = 0;
  for (const letter of lower) sum += letter.charCodeAt(0);
  return freeFrom(usual >= 0 ? usual : sum % 4, guests);
}

/** Somebody who is gone does not look like one of those who are there. */
function freeFrom(wanted: number, guests: readonly GuestName[]): number {
  for (let i = 0; i < GUEST_HUES.length; i++) {
    const number = (wanted + i) % GUEST_HUES.length;
    if (!guests.some(({ id }) => (id - 1) % GUEST_HUES.length === number)) return number;
  }
  return wanted;
}

/** The hue of an owner, everywhere: by its number in a page word, or by name (with the machine's guests, if known). */
export function ownerHue(owner: number | string, guests: readonly GuestName[] = []): Hue {
  if (typeof owner === 'number') return NUMBERS[owner] ?? guestHue(owner - OWNER_GUEST - 1);
  return NAMES[owner.toLowerCase()] ?? guestHue(domainOf(owner, guests));
}

/** The shape that says the same without colour. */
export function ownerShape(owner: number | string, guests: readonly GuestName[] = []): Shape {
  const fixed = SHAPES[ownerHue(owner, guests)];
  if (fixed) return fixed;
  return guestShape(typeof owner === 'number' ? owner - OWNER_GUEST - 1 : domainOf(owner, guests));
}

/** `var(--guest-1)`, for a style that is set from code. */
export const hueVar = (hue: Hue, part: 'fill' | 'ink' | 'soft' = 'fill'): string =>
  hue === 'free' || hue === 'reserved' || part === 'fill' ? `var(--${hue})` : `var(--${hue}-${part})`;
