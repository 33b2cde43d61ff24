import { HOST_KEY, NO_KEY } from '../../../engine/core/key';
import type { GuestSummary } from '../../../worker/protocol';

/** How the people and parts of the machine are written on screen. */
const WRITTEN: Readonly<Record<string, string>> = {
  xen: 'Xen',
  host: 'Xen',
  hypervisor: 'Xen',
  dram: 'DRAM',
  asp: 'ASP',
  xl: 'xl',
};

export const written = (name: string): string =>
  WRITTEN[name.toLowerCase()] ?? name.charAt(0).toUpperCase() + name.slice(1);

/** Whose key a selector is: an owner for its hue, or null for no key. */
export function keyOwner(selector: number, guests: readonly GuestSummary[]): string | null {
  if (selector === NO_KEY) return null;
  if (selector === HOST_KEY) return 'xen';
  return guests.find((guest) => guest.alive && guest.asid === selector)?.name ?? null;
}

/** A key in two or three words: `no key`, `host key`, `Alice’s key`. */
export function keyWords(selector: number, guests: readonly GuestSummary[]): string {
  if (selector === NO_KEY) return 'no key';
  if (selector === HOST_KEY) return 'host key';
  const owner = keyOwner(selector, guests);
  return owner ? `${written(owner)}’s key` : `key of ASID ${selector}`;
}

/** The selector that the engine's own words for a key stand for; null when they name none. */
export function keySelector(name: string): number | null {
  if (name === 'no key') return NO_KEY;
  if (name === 'host key') return HOST_KEY;
  const match = /^key of ASID (\d+)$/.exec(name);
  return match ? Number(match[1]) : null;
}

/** Sizes as people say them: `16 MiB`. */
export function sizeWords(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (
    value >= 1024 &&
    value % 1 === 0 &&
    unit < units.length - 1 &&
    (value % 1024 === 0 || value >= 10_240)
  ) {
    value /= 1024;
    unit++;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}
