import type { Action } from '../../engine/actions';
import { bytesEqual } from '../../engine/core/bytes';
import type { Change } from '../../engine/core/change';
import { dataBytes } from '../../engine/core/fields';
import type { LampName } from '../../engine/core/lamps';
import type { Violation } from '../../engine/properties/observation';
import type { PerformedAction } from '../../history/engine';
import type { Player } from '../../history/player';

/** A game as far as the cursor: its moves, what they changed, and what the properties say. */
export class GameRecord {
  readonly moves: readonly PerformedAction<Action>[];
  /** The change behind which a goal may be reached. */
  readonly begin: number;
  readonly cursor: number;
  private readonly player: Player;

  /** @param setUp how many actions come before the first move. */
  constructor(player: Player, setUp: number) {
    const { session } = player;
    const { change, action } = session.position();
    this.player = player;
    this.cursor = change;
    this.begin = session.actions[setUp - 1]?.end ?? session.bootEnd;
    this.moves = session.actions.slice(setUp, action + 1);
  }

  violations(name: LampName): readonly Violation[] {
    return this.player.lamps.violations(name, this.cursor).filter(({ change }) => change >= this.begin);
  }

  change(index: number): Change | null {
    const { journal } = this.player.session;
    return index < journal.firstKept || index >= journal.length ? null : journal.at(index);
  }

  /** The changes of the moves with their indices, as far as they are kept. */
  *changes(from = this.begin): Generator<readonly [number, Change]> {
    const { journal } = this.player.session;
    for (let index = Math.max(from, journal.firstKept); index < this.cursor; index++)
      yield [index, journal.at(index)];
  }

  /** Which move made a change, counted from 1. */
  moveOf(change: number): number {
    return this.moves.findIndex(({ end }) => change < end) + 1;
  }

  /** The bytes that the person has put in up to a change, in whatever way. */
  putIn(change: number): Uint8Array[] {
    return this.moves
      .filter(({ start }) => start <= change)
      .flatMap(({ action: { type, data } }) =>
        typeof data === 'string' && !OWN_WORDS.has(type) ? [dataBytes(data)] : [],
      );
  }
}

/** What Alice writes is hers. */
const OWN_WORDS: ReadonlySet<string> = new Set(['guest.write']);

/** Whether some bytes stand anywhere in others. */
export function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at + part.length <= bytes.length; at++)
    if (bytesEqual(bytes.subarray(at, at + part.length), part)) return true;
  return false;
}
