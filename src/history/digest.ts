import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, u64 } from '../engine/core/bytes';
import type { MachineConfig } from '../engine/core/config';
import type { State } from '../engine/core/state';
import { canonicalJson } from './canonical';

/** Names the layout below: another layout gets another name, so that digests of two releases never meet by chance. */
const LAYOUT = 'sevscope-state-1';
/** Words of a chunk of `PageWords`. */
const CHUNK = 65536;

type Hasher = ReturnType<typeof sha256.create>;

/**
 * SHA-256 over everything that the machine holds, in one order: configuration, DRAM pages by number (a page of zeros
 * counts as never written), runs of page words, caches, TLBs, cells. Pages are hashed once and again only after the
 * state says that they were touched: this object takes those notes (`state.touched`) off the state.
 */
export class StateDigest {
  private readonly config: MachineConfig;
  private readonly state: State;
  /** Hash of each page that is not all zeros. */
  private readonly hashes = new Map<number, Uint8Array>();
  private readonly seen = new Set<number>();
  private far: StateDigest | null = null;

  constructor(config: MachineConfig, state: State) {
    this.config = config;
    this.state = state;
  }

  /** 64 hexadecimal digits. */
  hex(): string {
    const hasher = sha256.create();
    section(hasher, LAYOUT, canonicalJson(this.config));
    this.hashDram(hasher);
    hashPageWords(hasher, this.state);
    this.state.caches.forEach((cache, n) => {
      section(hasher, `cache/${n}`, canonicalJson(Object.fromEntries(cache)));
    });
    this.state.tlbs.forEach((tlb, n) => {
      section(hasher, `tlb/${n}`, canonicalJson(Object.fromEntries(tlb)));
    });
    for (const [key, cell] of this.state.allCells()) section(hasher, key, canonicalJson(cell));
    if (this.state.hasFar) section(hasher, 'far', this.farHex());
    return toHex(hasher.digest());
  }

  private farHex(): string {
    this.far ??= new StateDigest(this.config, this.state.far);
    return this.far.hex();
  }

  private hashDram(hasher: Hasher): void {
    for (const number of this.state.touched) this.seen.delete(number);
    this.state.touched.clear();
    for (const [number, page] of this.state.dram.pages) {
      if (this.seen.has(number)) continue;
      this.seen.add(number);
      if (!allZero(page)) this.hashes.set(number, sha256(page));
      else this.hashes.delete(number);
    }
    section(hasher, 'dram', String(this.hashes.size));
    for (const number of [...this.hashes.keys()].sort((a, b) => a - b)) {
      hasher.update(u64(BigInt(number)));
      hasher.update(this.hashes.get(number)!);
    }
  }
}

/** The digest of a state from scratch; takes no notes off it. */
export function stateDigest(config: MachineConfig, state: State): string {
  const touched = [...state.touched];
  const hex = new StateDigest(config, state).hex();
  for (const number of touched) state.touched.add(number);
  return hex;
}

function allZero(page: Uint8Array): boolean {
  for (const byte of page) if (byte !== 0) return false;
  return true;
}

/** A name and a text, each preceded by its length, so that no two sequences of sections look alike. */
function section(hasher: Hasher, name: string, text: string): void {
  for (const part of [name, text]) {
    const bytes = new TextEncoder().encode(part);
    hasher.update(u64(BigInt(bytes.length)));
    hasher.update(bytes);
  }
}

/** Runs of equal words other than 0, as first page number, count and word, closed by a run of none. */
function hashPageWords(hasher: Hasher, state: State): void {
  let [first, count, run] = [0, 0, 0];
  const put = (...values: number[]) => {
    for (const value of values) hasher.update(u64(BigInt(value)));
  };
  const flush = () => {
    if (run !== 0) put(first, count, run);
  };
  const chunks = [...state.pages.chunks].sort(([a], [b]) => a - b);
  for (const [number, words] of chunks) {
    for (let n = 0; n < words.length; n++) {
      const word = words[n]!;
      if (word === run && number * CHUNK + n === first + count) {
        count++;
        continue;
      }
      flush();
      [first, count, run] = [number * CHUNK + n, 1, word];
    }
  }
  flush();
  put(0, 0, 0);
}
