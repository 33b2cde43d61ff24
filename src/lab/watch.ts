import { PAGE_SIZE, pfnOf } from '../engine/core/address';
import type { Eye, Look } from '../engine/core/look';
import {
  OWNER_FIRMWARE,
  OWNER_FREE,
  OWNER_GUEST,
  OWNER_HYPERVISOR,
  OWNER_RESERVED,
  pageOwner,
} from '../engine/core/page';
import type { Platform } from '../engine/core/platform';
import { look } from '../engine/look';
import { pageState } from '../engine/rmp/pageState';
import { readEntry, snpEnabled } from '../engine/rmp/table';
import type { PageState } from '../engine/rmp/types';
import type { Address } from '../scenario/fields';
import type { Place } from '../scenario/place';
import { guestNamed, resolvePlace, resolveSpa } from '../scenario/resolve';

/** What somebody sees, or the fault that they get instead. */
export type Sight =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly fault: string; readonly rule: string; readonly message: string };

/** The place that a step wants to be looked at, and what actors see there. */
export interface Watched {
  /** The guest whose address it is; null: a system physical one. */
  readonly guest: string | null;
  readonly address: number;
  /** The frame behind it, as far as Xen’s books say. */
  readonly pfn: number | null;
  /** Whose the frame is: a guest’s name, or `Xen`, `free`. */
  readonly owner: string;
  /** The state of the frame by the RMP; null: no RMP, or no frame. */
  readonly rmp: PageState | null;
  /** Null: there is no guest. */
  readonly seenByGuest: Sight | null;
  /** Null: there is no frame. */
  readonly seenByXen: Sight | null;
  readonly onDram: Sight | null;
}

const LEAST = 16;
const MOST = 64;

/** What actors see at an address of the script; null where it means nothing on this machine yet. Changes nothing. */
export function watch(p: Platform, at: Address): Watched | null {
  const place = resolvePlace(p, at);
  if (!place.ok) return null;
  const { value: address, guest, space } = place.value;
  const found = resolveSpa(p, place.value);
  const spa = found.ok ? found.value : null;
  const length = lengthAt(p, place.value);
  const see = (eye: Eye, where: number | null): Sight | null =>
    where === null ? null : sightOf(look(p, eye, where, length));
  const ofGuest = guest !== null && (space === 'gva' || space === 'gpa');
  return {
    guest,
    address,
    pfn: spa === null ? null : pfnOf(spa),
    owner: spa === null ? 'nobody' : ownerOf(p, spa),
    rmp: spa === null || !snpEnabled(p) ? null : pageState(readEntry(p, spa)),
    seenByGuest: ofGuest ? see({ eye: 'guest', guest, space, op: 'read' }, address) : null,
    seenByXen: see({ eye: 'host', c: 'mapped' }, spa),
    onDram: see({ eye: 'dram' }, spa),
  };
}

/** Bytes from an address on to the end of what the guest keeps there, in whole blocks, within the page. */
function lengthAt(p: Platform, { value, guest, space }: Place): number {
  const known = guest === null || space !== 'gva' ? null : guestNamed(p, guest);
  const objects = known?.ok ? (known.value.os?.objects ?? []) : [];
  const object = objects.findLast(({ address, length }) => value >= address && value < address + length);
  const wanted = object ? object.address + object.length - value : LEAST;
  const whole = Math.ceil(Math.min(MOST, Math.max(LEAST, wanted)) / LEAST) * LEAST;
  return Math.min(whole, PAGE_SIZE - (value % PAGE_SIZE));
}

function sightOf(seen: Look): Sight {
  if (seen.ok) return { ok: true, bytes: seen.bytes };
  const { name, rule, message } = seen.fault;
  return { ok: false, fault: name, rule: rule.id, message };
}

const OWNERS: Readonly<Record<number, string>> = {
  [OWNER_FREE]: 'free',
  [OWNER_HYPERVISOR]: 'Xen',
  [OWNER_FIRMWARE]: 'the firmware',
  [OWNER_RESERVED]: 'reserved',
};

function ownerOf(p: Platform, spa: number): string {
  const owner = pageOwner(p.state.pages.get(pfnOf(spa)));
  return OWNERS[owner] ?? p.state.cell('domain', owner - OWNER_GUEST)?.name ?? 'nobody';
}
