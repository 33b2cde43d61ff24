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

/** A level, and what of it the next smaller one does not show yet. */
interface Floor extends Level {
  readonly shift: number;
  readonly changed: Uint32Array;
  count: number;
  /** More changed than was worth noting. */
  all: boolean;
}

/** Which page each pixel of a smaller level shows, as the key of `claim`. */
interface SmallFloor extends Floor {
  readonly claims: Uint32Array;
}

const INDEX_BITS = 20;
const LAST_INDEX = 2 ** INDEX_BITS - 1;
/** When one pixel in so many has changed, it is cheaper to build the next level anew. */
const NOTED = 16;

/** Rank and place of a level-0 pixel in one number: the larger one wins, so winners need no look at the ranks. */
const claim = (index: number, rank: number): number => (rank << INDEX_BITS) | (LAST_INDEX - index);
const claimant = (key: number): number => LAST_INDEX - (key & LAST_INDEX);

const makeFloor = (side: number): Floor => ({
  side,
  shift: Math.log2(side),
  pixels: new Uint32Array(side * side),
  dirtyFrom: 0,
  dirtyTo: side,
  changed: new Uint32Array(Math.ceil((side * side) / NOTED)),
  count: 0,
  all: true,
});

export class Pyramid {
  /** A power of two, 1,024 at most. */
  readonly side: number;
  readonly #base: Floor;
  readonly #small: readonly SmallFloor[];
  readonly #rank: Uint8Array;

  constructor(side: number) {
    this.side = side;
    this.#base = makeFloor(side);
    this.#rank = new Uint8Array(side * side);
    const small: SmallFloor[] = [];
    for (let s = side / 2; s >= 1; s /= 2) small.push({ ...makeFloor(s), claims: new Uint32Array(s * s) });
    this.#small = small;
  }

  /** How many levels there are, from a pixel a page to a single pixel. */
  get depth(): number {
    return this.#small.length + 1;
  }

  clear(): void {
    this.#base.pixels.fill(0);
    this.#rank.fill(0);
    everything(this.#base);
  }

  /** Writes a pixel of level 0. The smaller levels follow when they are asked for. */
  set(index: number, colour: number, rank: number): void {
    if (this.#base.pixels[index] === colour && this.#rank[index] === rank) return;
    this.#base.pixels[index] = colour;
    this.#rank[index] = rank;
    change(this.#base, index);
  }

  /** The n-th level, or the smallest, as the pages look now. */
  level(n: number): Level {
    const last = Math.min(n, this.#small.length);
    for (let k = 0; k < last; k++) this.#follow(k);
    return last === 0 ? this.#base : (this.#small[last - 1] as Level);
  }

  /** Carries what has changed on the k-th level to the one above it. */
  #follow(k: number): void {
    const below = k === 0 ? this.#base : (this.#small[k - 1] as Floor);
    const above = this.#small[k] as SmallFloor;
    if (below.all) {
      for (let row = 0, at = 0; row < above.side; row++)
        for (let column = 0; column < above.side; column++, at++)
          this.#show(above, at, this.#strongest(k, column, row));
      everything(above);
    } else
      for (let i = 0; i < below.count; i++) {
        const cell = below.changed[i] as number;
        const column = (cell & (below.side - 1)) >>> 1;
        const row = (cell >>> below.shift) >>> 1;
        const at = row * above.side + column;
        if (this.#show(above, at, this.#strongest(k, column, row))) change(above, at);
      }
    below.count = 0;
    below.all = false;
  }

  /** True if it showed something else before. */
  #show(level: SmallFloor, at: number, key: number): boolean {
    const colour = this.#base.pixels[claimant(key)] as number;
    if (level.claims[at] === key && level.pixels[at] === colour) return false;
    level.claims[at] = key;
    level.pixels[at] = colour;
    return true;
  }

  /** The strongest of the four claims of the k-th level under a pixel of the next. */
  #strongest(k: number, column: number, row: number): number {
    const side = this.side >>> k;
    const first = row * 2 * side + column * 2;
    if (k > 0) {
      const { claims } = this.#small[k - 1] as SmallFloor;
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

function change(level: Floor, at: number): void {
  const row = at >>> level.shift;
  if (row < level.dirtyFrom) level.dirtyFrom = row;
  if (row >= level.dirtyTo) level.dirtyTo = row + 1;
  if (level.all) return;
  if (level.count < level.changed.length) level.changed[level.count++] = at;
  else level.all = true;
}

function everything(level: Floor): void {
  level.dirtyFrom = 0;
  level.dirtyTo = level.side;
  level.all = true;
}

/** Marks a level as uploaded. */
export function clean(level: Level): void {
  level.dirtyFrom = level.side;
  level.dirtyTo = 0;
}
