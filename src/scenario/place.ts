import type { DomainCell } from '../engine/core/cells';
import type { GuestOsCell } from '../engine/core/guestCells';

/** A value, or one plain sentence about why there is none at this moment. */
export type Resolved<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

/** A number, and for an address whose it is: a guest's virtual or physical, or a system physical one. */
export interface Place {
  readonly value: number;
  readonly space: 'number' | 'gva' | 'gpa' | 'spa';
  readonly guest: string | null;
}

/** A guest that a scenario names. */
export interface Known {
  readonly domain: DomainCell;
  readonly os: GuestOsCell | null;
}

export const found = <T>(value: T): Resolved<T> => ({ ok: true, value });
export const missing = (message: string): { readonly ok: false; readonly message: string } => ({
  ok: false,
  message,
});
