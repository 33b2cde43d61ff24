import { PAGE_SIZE, pfnOf } from './address';
import type { CellKey, CellKind, CellTypes } from './cells';
import type { Change } from './change';
import type { StickCell } from './machineCells';
import { CacheStore, Dram, PageWords, type TlbStore } from './stores';

/**
 * Everything that the simulated computer holds. The one door in is `apply`, the one door back is `revert`; both take a
 * Change and nothing else moves state.
 */
export class State {
  readonly dram = new Dram();
  readonly pages = new PageWords();
  readonly caches: CacheStore[];
  readonly tlbs: TlbStore[];
  /** By kind, then by number: asked for many times an access. */
  private readonly cells = new Map<string, Map<number, object>>();
  /** Pages whose bytes changed since somebody last asked: lets digests and pictures redo only what moved. */
  readonly touched = new Set<number>();

  private second: State | null = null;

  constructor(complexes: number, cores: number) {
    this.caches = Array.from({ length: complexes }, () => new CacheStore());
    this.tlbs = Array.from({ length: cores }, () => new Map());
  }

  /** What the second host holds: a machine of the same shape, without power until somebody migrates to it. */
  get far(): State {
    this.second ??= new State(this.caches.length, this.tlbs.length);
    return this.second;
  }

  /** Has the second host ever been switched on? */
  get hasFar(): boolean {
    return this.second !== null && [...this.second.cells.values()].some(({ size }) => size > 0);
  }

  /** The cell of a kind; the kinds that exist once have number 0. */
  cell<K extends CellKind>(kind: K, number = 0): CellTypes[K] | null {
    return (this.cells.get(kind)?.get(number) as CellTypes[K] | undefined) ?? null;
  }

  /** The same for a cell that always exists. @throws Error if it does not: a bug of ours. */
  need<K extends CellKind>(kind: K, number = 0): CellTypes[K] {
    const found = this.cell(kind, number);
    if (!found) throw new Error(`no cell ${kind}/${number}`);
    return found;
  }

  /** All cells in the order of their names, for the digest. */
  allCells(): [string, object][] {
    const all: [string, object][] = [];
    for (const [kind, cells] of this.cells)
      for (const [number, cell] of cells) all.push([`${kind}/${number}`, cell]);
    return all.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  apply(change: Change): void {
    this.move(change, 'after');
  }

  revert(change: Change): void {
    this.move(change, 'before');
  }

  private move(change: Change, side: 'before' | 'after'): void {
    switch (change.store) {
      case 'dram':
        this.dram.write(change.address, change[side]);
        this.touch(change.address, change.after.length);
        return;
      case 'page':
        this.pages.set(change.pfn, change[side]);
        return;
      case 'cache':
        put(this.caches[change.complex], change.slot, change[side]);
        return;
      case 'tlb':
        put(this.tlbs[change.core], change.slot, change[side]);
        return;
      case 'cell':
        this.putCell(change.key, change[side]);
        return;
      case 'far':
        this.far.move(change.change, side);
        return;
      case 'fact':
        return;
    }
  }

  private putCell(key: CellKey, cell: object | null): void {
    const slash = key.indexOf('/');
    const kind = key.slice(0, slash);
    let cells = this.cells.get(kind);
    if (!cells) {
      cells = new Map();
      this.cells.set(kind, cells);
    }
    const number = Number(key.slice(slash + 1));
    if (cell === null) cells.delete(number);
    else cells.set(number, cell);
    if (kind === 'stick') this.rewire((cell as StickCell | null)?.dead ?? 0);
  }

  /** Other cells answer at half of the addresses. */
  private rewire(dead: number): void {
    this.dram.dead = dead;
    for (const page of this.dram.pages.keys()) this.touch(page * PAGE_SIZE, 1);
  }

  private touch(address: number, length: number): void {
    const { dead } = this.dram;
    for (let page = pfnOf(address); page <= pfnOf(address + length - 1); page++) {
      this.touched.add(page);
      if (dead !== 0) this.touched.add(page + dead / PAGE_SIZE);
    }
  }
}

function put<V>(map: Map<string, V> | undefined, key: string, value: V | null): void {
  if (!map) throw new Error(`a change names a store that this machine does not have (${key})`);
  if (value === null) map.delete(key);
  else map.set(key, value);
}
