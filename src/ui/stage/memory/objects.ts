import type { GuestSummary } from '../../../worker/protocol';

export type GuestThing = GuestSummary['objects'][number];

/** A thing with whose it is. */
export interface Owned {
  readonly guest: GuestSummary;
  readonly thing: GuestThing;
}

/** The thing that a guest keeps at this address, if it knows of one. The newest wins where two overlap. */
export function thingAt(guest: GuestSummary, virtual: number): GuestThing | null {
  return (
    guest.objects.findLast(
      ({ address, length }) => virtual >= address && virtual < address + Math.max(1, length),
    ) ?? null
  );
}

/** A picture whose size is known, so that it can be drawn. */
export interface Picture {
  readonly guest: string;
  readonly name: string;
  readonly address: number;
  readonly length: number;
  readonly width: number;
  readonly height: number;
}

/** Largest picture that one look fetches. */
const MOST = 2 ** 20;

export function pictureOf({ guest, thing }: Owned): Picture | null {
  const { kind, width, height } = thing;
  if (kind !== 'picture' || !width || !height) return null;
  const rows = Math.min(height, Math.floor(MOST / (4 * width)));
  return {
    guest: guest.name,
    name: thing.name,
    address: thing.address,
    length: 4 * width * rows,
    width,
    height: rows,
  };
}
