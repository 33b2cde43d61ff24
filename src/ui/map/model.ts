import type { MapSource } from '../../store/pageSource';
import { HotPages } from './hot';
import type { MapLayout } from './layout';
import type { Palette } from './palette';
import { RANK, rankOf } from './rank';
import { type Looks, TileMap } from './tiles';

export interface ModelStart {
  readonly source: MapSource;
  readonly layout: MapLayout;
  readonly palette: Palette;
  /** Called after anything on the picture may look different. */
  readonly onChange: () => void;
  /** Milliseconds. */
  readonly clock: () => number;
}

const HOT_MS = 1200;
const MOST_HOT = 1024;

/** All that a picture of the memory depends on, kept up to date as the source changes. No DOM. */
export class MapModel implements Looks {
  readonly source: MapSource;
  readonly hot = new HotPages(HOT_MS, MOST_HOT);
  #told = false;
  #faults: ReadonlySet<number> = new Set();
  #tiles: TileMap;
  #layout: MapLayout;
  #palette: Palette;
  readonly #onChange: () => void;
  readonly #clock: () => number;
  readonly #leave: () => void;

  constructor(start: ModelStart) {
    this.source = start.source;
    this.#layout = start.layout;
    this.#palette = start.palette;
    this.#onChange = start.onChange;
    this.#clock = start.clock;
    this.#tiles = new TileMap(start.layout, this);
    this.#reload();
    this.#leave = start.source.subscribe((patch, hot) => this.#apply(patch, hot));
  }

  get layout(): MapLayout {
    return this.#layout;
  }

  get palette(): Palette {
    return this.#palette;
  }

  get tiles(): TileMap {
    return this.#tiles;
  }

  get faults(): ReadonlySet<number> {
    return this.#faults;
  }

  close(): void {
    this.#leave();
  }

  measured(pfn: number): number {
    return this.source.measured?.(pfn) ?? -1;
  }

  word(pfn: number): number {
    return this.source.word(pfn);
  }

  colour(pfn: number): number {
    return this.colourOf(pfn, this.source.word(pfn));
  }

  colourOf(pfn: number, word: number): number {
    return this.#palette.colour(word, this.#palette.measured ? this.measured(pfn) : -1);
  }

  rankOf(pfn: number, word: number): number {
    if (this.hot.has(pfn)) return RANK.hot;
    return this.#faults.has(pfn) ? RANK.faulted : rankOf(word);
  }

  setLayout(layout: MapLayout): void {
    this.#layout = layout;
    this.#tiles = new TileMap(layout, this);
    this.#reload();
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.#reload();
  }

  setFaults(pfns: readonly number[]): void {
    const before = [...this.#faults];
    this.#faults = new Set(pfns);
    this.#tiles.update(before);
    this.#tiles.update(pfns);
    this.#onChange();
  }

  /** Makes exactly these pages hot, for a caller that knows better than the patches: theirs no longer count. */
  setHot(pfns: ArrayLike<number>): void {
    this.#told = true;
    this.#tiles.update(this.hot.replace(pfns, this.#clock()));
    this.#tiles.update(pfns);
    this.#onChange();
  }

  #apply(patch: Uint32Array, hot: boolean): void {
    const cooled = hot && !this.#told ? this.hot.add(patch, this.#clock(), 2) : [];
    this.#tiles.update(cooled);
    this.#tiles.update(patch, 2);
    this.#onChange();
  }

  #reload(): void {
    this.#tiles.reload((visit) => {
      this.source.forEachTouched(visit);
      for (const pfn of this.#faults) visit(pfn);
      for (const pfn of this.hot.pages) visit(pfn);
    });
    this.#onChange();
  }
}
