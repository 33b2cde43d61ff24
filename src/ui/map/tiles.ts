import type { MapLayout } from './layout';
import { Pyramid } from './pyramid';

/** What a page looks like and how important it is. */
export interface Looks {
  word(pfn: number): number;
  colourOf(pfn: number, word: number): number;
  rankOf(pfn: number, word: number): number;
}

export interface Tile {
  /** First cell. */
  readonly column: number;
  readonly row: number;
  readonly pyramid: Pyramid;
}

const LARGE_TILE = 1024;
/** From here on machines are nearly empty, and small tiles cost less where something lies about. */
const SMALL_TILE = 256;
const SMALL_TILES_FROM = 2 ** 25;

const sideFor = (layout: MapLayout): number => {
  const needed = 2 ** Math.ceil(Math.log2(Math.max(layout.columns, layout.rows)));
  return Math.min(needed, layout.pageCount >= SMALL_TILES_FROM ? SMALL_TILE : LARGE_TILE);
};

/** The map as square tiles, each made when a page in it is first touched. */
export class TileMap {
  readonly layout: MapLayout;
  readonly side: number;
  readonly #looks: Looks;
  readonly #tiles = new Map<number, Tile>();
  readonly #across: number;

  constructor(layout: MapLayout, looks: Looks) {
    this.layout = layout;
    this.#looks = looks;
    this.side = sideFor(layout);
    this.#across = Math.ceil(layout.columns / this.side);
  }

  get count(): number {
    return this.#tiles.size;
  }

  tileAt(across: number, down: number): Tile | undefined {
    return this.#tiles.get(down * this.#across + across);
  }

  /** Shows these pages as they look now. */
  update(pfns: ArrayLike<number>, stride = 1): void {
    for (let i = 0; i < pfns.length; i += stride) this.#write(pfns[i] as number);
  }

  /** Shows every page anew, for another theme or colour mode. */
  reload(forEach: (visit: (pfn: number) => void) => void): void {
    for (const { pyramid } of this.#tiles.values()) pyramid.clear();
    forEach((pfn) => this.#write(pfn));
  }

  #write(pfn: number): void {
    if (pfn >= this.layout.pageCount) return;
    const { columns } = this.layout;
    const row = Math.floor(pfn / columns);
    const column = pfn - row * columns;
    const mask = this.side - 1;
    const word = this.#looks.word(pfn);
    this.#tileOf(column, row).pyramid.set(
      (row & mask) * this.side + (column & mask),
      this.#looks.colourOf(pfn, word),
      this.#looks.rankOf(pfn, word),
    );
  }

  #tileOf(column: number, row: number): Tile {
    const across = Math.floor(column / this.side);
    const down = Math.floor(row / this.side);
    const number = down * this.#across + across;
    const known = this.#tiles.get(number);
    if (known !== undefined) return known;
    const tile = { column: across * this.side, row: down * this.side, pyramid: new Pyramid(this.side) };
    this.#tiles.set(number, tile);
    return tile;
  }
}
