import type { Hands } from '../engine/machine';
import type { Player } from '../history/player';
import type { Refusal, Status } from './protocol';

/** What is told of a session at all times. A `Player` can also take the steps of its script. */
export type Followed = Pick<Player, 'session' | 'scenario' | 'stepsDone' | 'strayed' | 'endOfStep'> &
  Partial<Pick<Player, 'picture' | 'mitigation'>> & { readonly lamps: Pick<Player['lamps'], 'at'> };

/** A session that stands, and the name of the scenario that it follows: a built-in one's id, a dropped one's file name. */
export interface Shown {
  readonly player: Followed;
  readonly scenarioId: string | null;
  /** Comes from the library as it is, on any technology and with any switch of its attack, so that a short link names it. */
  readonly builtIn: boolean;
}

export type Opening =
  | { readonly ok: true; readonly value: Shown }
  | { readonly ok: false; readonly refusal: Refusal };

/** What is needed as soon as something has been done, and arrives with `rest.ts`. */
export interface Late {
  readonly hands: Hands;
  readonly playLink: (opened: Shown) => Promise<Status['link']>;
}
