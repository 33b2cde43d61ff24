/**
 * One square of the map with ever smaller copies of itself. Level 0 has a pixel a page; each pixel of the next level
 * shows the most important of four below (ties: the first, row by row), so no zoom loses the page that matters.
 */
export interface Level {
  readonly side: number;
  /** RGBA in memory order, ready for an ImageData. */
  readonly pixels: Uint32Array<ArrayBuffer>;
  /** Which level-0 pixel each pixel shows; level 0 shows itself. */
  readonly winner: Uint32Array | null;
  /** Rows changed since the level was last uploaded: `from` up to but without `to`. */
  dirtyFrom: number;
  dirtyTo: number;
}

const makeLevel = (side: number, base: boolean): Level => ({
  side,
  pixels: new Uint32Array(side * side),
  winner: base ? null : new Uint32Array(side * side),
  dirtyFrom: 0,
  dirtyTo: side,
});

export class Pyramid {
  /** A power of two. */
  readonly side: number;
  readonly levels: readonly Level[];
  readonly #base: Level;
  readonly #rank: Uint8Array;
  readonly #shift: number;

  constructor(side: number) {
    this.side = side;
    this.#base = makeLevel(side, true);
    const levels = [this.#base];
    for (let s = side / 2; s >= 1; s /= 2) levels.push(makeLevel(s, false));
    this.levels = levels;
    this.#rank = new Uint8Array(side * side);
    this.#shift = Math.log2(side);
    levels.forEach((level, n) => {
      let at = 0;
      if (level.winner === null) return;
      for (let row = 0; row < level.side; row++)
        for (let column = 0; column < level.side; column++)
          level.winner[at++] = (row << n) * side + (column << n);
    });
  }

  rankAt(index: number): number {
    return this.#rank[index] ?? 0;
  }

  /** Writes a pixel of level 0 only; `rebuild` must follow. */
  put(index: number, colour: number, rank: number): void {
    this.#base.pixels[index] = colour;
    this.#rank[index] = rank;
  }

  clear(): void {
    this.#base.pixels.fill(0);
    this.#rank.fill(0);
  }

  /** Writes a pixel of level 0 and every pixel above that shows something else because of it. */
  set(index: number, colour: number, rank: number): void {
    if (this.#base.pixels[index] === colour && this.#rank[index] === rank) return;
    this.put(index, colour, rank);
    let column = index & (this.side - 1);
    let row = index >>> this.#shift;
    touch(this.#base, row);
    for (let n = 1; n < this.levels.length; n++) {
      const level = this.levels[n] as Level;
      column >>>= 1;
      row >>>= 1;
      const at = row * level.side + column;
      const winner = this.#best(this.levels[n - 1] as Level, column, row);
      if (winner !== index && (level.winner as Uint32Array)[at] === winner) return;
      this.#show(level, at, winner);
      touch(level, row);
    }
  }

  /** Computes every level from level 0. */
  rebuild(): void {
    this.levels.forEach((level, n) => {
      level.dirtyFrom = 0;
      level.dirtyTo = level.side;
      const below = this.levels[n - 1];
      if (below === undefined) return;
      for (let row = 0, at = 0; row < level.side; row++)
        for (let column = 0; column < level.side; column++, at++)
          this.#show(level, at, this.#best(below, column, row));
    });
  }

  #show(level: Level, at: number, winner: number): void {
    (level.winner as Uint32Array)[at] = winner;
    level.pixels[at] = this.#base.pixels[winner] as number;
  }

  /** The most important of the four pixels of `below` under (column, row), as a level-0 index. */
  #best(below: Level, column: number, row: number): number {
    const first = row * 2 * below.side + column * 2;
    const a = this.#shown(below, first);
    const b = this.#shown(below, first + 1);
    const c = this.#shown(below, first + below.side);
    const d = this.#shown(below, first + below.side + 1);
    const rank = this.#rank;
    let best = a;
    if ((rank[b] as number) > (rank[best] as number)) best = b;
    if ((rank[c] as number) > (rank[best] as number)) best = c;
    return (rank[d] as number) > (rank[best] as number) ? d : best;
  }

  #shown(level: Level, at: number): number {
    return level.winner === null ? at : (level.winner[at] as number);
  }
}

function touch(level: Level, row: number): void {
  if (row < level.dirtyFrom) level.dirtyFrom = row;
  if (row >= level.dirtyTo) level.dirtyTo = row + 1;
}

/** Marks a level as uploaded. */
export function clean(level: Level): void {
  level.dirtyFrom = level.side;
  level.dirtyTo = 0;
}
