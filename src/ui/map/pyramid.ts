/**
 * One square of the map with ever smaller copies of itself. Level 0 has a pixel a page; each pixel of the next level
 * shows the most important of four below (ties: the first page, row by row), so no zoom loses the page that matters.
 */
export interface Level {
  readonly side: number;
  /** RGBA in memory order, ready for an ImageData. */
  readonly pixels: Uint32Array<ArrayBuffer>;
  /** Rows changed since the level was last uploaded: `from` up to but without `to`. */
  dirtyFrom: number;
  dirtyTo: number;
}

/** Which page each pixel of a smaller level shows, as the key of `claim`. */
interface SmallLevel extends Level {
  readonly claims: Uint32Array;
}

const INDEX_BITS = 20;
const LAST_INDEX = 2 ** INDEX_BITS - 1;

/** Rank and place of a level-0 pixel in one number: the larger one wins, so winners need no look at the ranks. */
const claim = (index: number, rank: number): number => (rank << INDEX_BITS) | (LAST_INDEX - index);
const claimant = (key: number): number => LAST_INDEX - (key & LAST_INDEX);

const makeLevel = (side: number): Level => ({
  side,
  pixels: new Uint32Array(side * side),
  dirtyFrom: 0,
  dirtyTo: side,
});

export class Pyramid {
  /** A power of two, 1,024 at most. */
  readonly side: number;
  /** From a pixel a page to a single pixel. */
  readonly levels: readonly Level[];
  readonly #base: Level;
  readonly #small: readonly SmallLevel[];
  readonly #rank: Uint8Array;
  readonly #shift: number;

  constructor(side: number) {
    this.side = side;
    this.#base = makeLevel(side);
    this.#rank = new Uint8Array(side * side);
    this.#shift = Math.log2(side);
    const small: SmallLevel[] = [];
    for (let s = side / 2; s >= 1; s /= 2) small.push({ ...makeLevel(s), claims: new Uint32Array(s * s) });
    this.#small = small;
    this.levels = [this.#base, ...small];
    small.forEach(({ side: s, claims }, n) => {
      let at = 0;
      for (let row = 0; row < s; row++)
        for (let column = 0; column < s; column++)
          claims[at++] = claim((row << (n + 1)) * side + (column << (n + 1)), 0);
    });
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
    const before = this.#rank[index] as number;
    if (this.#base.pixels[index] === colour && before === rank) return;
    this.put(index, colour, rank);
    let column = index & (this.side - 1);
    let row = index >>> this.#shift;
    touch(this.#base, row);
    const old = claim(index, before);
    const now = claim(index, rank);
    for (let n = 0; n < this.#small.length; n++) {
      const level = this.#small[n] as SmallLevel;
      column >>>= 1;
      row >>>= 1;
      const at = row * level.side + column;
      const shown = level.claims[at] as number;
      if (now < shown && shown !== old) return;
      this.#show(level, at, now >= shown ? now : this.#strongest(n, column, row));
      touch(level, row);
    }
  }

  /** Computes every level from level 0. */
  rebuild(): void {
    this.#small.forEach((level, n) => {
      for (let row = 0, at = 0; row < level.side; row++)
        for (let column = 0; column < level.side; column++, at++)
          this.#show(level, at, this.#strongest(n, column, row));
    });
    for (const level of this.levels) {
      level.dirtyFrom = 0;
      level.dirtyTo = level.side;
    }
  }

  #show(level: SmallLevel, at: number, key: number): void {
    level.claims[at] = key;
    level.pixels[at] = this.#base.pixels[claimant(key)] as number;
  }

  /** The strongest of the four claims under a pixel of the n-th smaller level. */
  #strongest(n: number, column: number, row: number): number {
    const side = this.side >>> n;
    const first = row * 2 * side + column * 2;
    if (n > 0) {
      const { claims } = this.#small[n - 1] as SmallLevel;
      return Math.max(
        claims[first] as number,
        claims[first + 1] as number,
        claims[first + side] as number,
        claims[first + side + 1] as number,
      );
    }
    const rank = this.#rank;
    return Math.max(
      claim(first, rank[first] as number),
      claim(first + 1, rank[first + 1] as number),
      claim(first + side, rank[first + side] as number),
      claim(first + side + 1, rank[first + side + 1] as number),
    );
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
