import { describe, expect, it } from 'vitest';
import { PAGE_SIZE, pfn, spa } from '../engine/core/address';
import type { Change } from '../engine/core/change';
import { State } from '../engine/core/state';
import { canonicalJson } from './canonical';
import { StateDigest, stateDigest } from './digest';
import { toyConfig } from './testing/toy';
import { played } from './testing/world';

const empty = () => new State(2, 2);
const digest = (state: State) => stateDigest(toyConfig, state);
const dram = (address: number, ...after: number[]): Change => {
  return {
    store: 'dram',
    address: spa(address),
    before: new Uint8Array(after.length),
    after: Uint8Array.from(after),
  };
};

describe('state digest', () => {
  it('is these bytes in every browser and in Node', () => {
    expect(digest(empty())).toBe('aa0161c7424b262946ee5cba11c4739d3ba00da81236973621d01d0aa3be4e45');
    expect(played([1, 2, 3]).digest()).toBe(
      '2cf19db8a4a7967a5fa90ac2f1e83cb65fd18406d4299296133f137eb09cdd2b',
    );
  });

  it('sees every store', () => {
    const line = { address: spa(64), key: 1, dirty: true, writer: 1, born: 0, data: new Uint8Array(64) };
    const entry = { asid: 1, page: 0, size: PAGE_SIZE, target: spa(0), gpa: null, c: true, nestedC: true };
    const changes: Change[] = [
      dram(5, 1),
      dram(6, 1),
      { store: 'page', pfn: pfn(0), before: 0, after: 1 },
      { store: 'page', pfn: pfn(1), before: 0, after: 1 },
      { store: 'cache', complex: 0, slot: 'a', before: null, after: line },
      { store: 'cache', complex: 1, slot: 'a', before: null, after: line },
      { store: 'tlb', core: 0, slot: 'a', before: null, after: { ...entry, writable: true, born: 0 } },
      { store: 'tlb', core: 0, slot: 'a', before: null, after: { ...entry, writable: false, born: 0 } },
      { store: 'cell', key: 'power/0', before: null, after: { on: true } },
    ];
    const seen = changes.map((change) => {
      const state = empty();
      state.apply(change);
      return digest(state);
    });
    expect(new Set([...seen, digest(empty())]).size).toBe(changes.length + 1);
  });

  it('sees the configuration', () => {
    expect(stateDigest({ ...toyConfig, seed: 8 }, empty())).not.toBe(digest(empty()));
  });

  it('takes a page of zeros for one never written', () => {
    const state = empty();
    state.apply(dram(PAGE_SIZE * 3, 0, 0));
    state.apply({ store: 'page', pfn: pfn(9), before: 0, after: 0 });
    expect(digest(state)).toBe(digest(empty()));
  });

  it('does not depend on the order of writing', () => {
    const [one, other] = [empty(), empty()];
    const changes = [dram(0, 1), dram(9 * PAGE_SIZE, 2), dram(2 * PAGE_SIZE, 3)];
    for (const change of changes) one.apply(change);
    for (const change of changes.toReversed()) other.apply(change);
    expect(digest(one)).toBe(digest(other));
  });

  it('hashes again what was touched, there and back', () => {
    const state = empty();
    const running = new StateDigest(toyConfig, state);
    const before = running.hex();
    const change = dram(PAGE_SIZE - 1, 1, 2);
    state.apply(change);
    expect(running.hex()).toBe(digest(state));
    expect(running.hex()).not.toBe(before);
    state.revert(change);
    expect(running.hex()).toBe(before);
  });

  it('leaves the notes of what was touched where they are when it starts from scratch', () => {
    const state = empty();
    state.apply(dram(0, 1));
    digest(state);
    expect([...state.touched]).toEqual([0]);
  });
});

describe('canonical JSON', () => {
  it('sorts keys, drops the undefined, and marks bytes and big integers', () => {
    const value = { b: [1, null, false], a: Uint8Array.of(255), c: undefined, d: 5n, e: 'ü"' };
    expect(canonicalJson(value)).toBe(
      '{"a":{"$bytes":"ff"},"b":[1,null,false],"d":{"$bigint":"5"},"e":"ü\\""}',
    );
  });

  it('refuses what has no canonical form', () => {
    for (const value of [Number.NaN, () => 1, [undefined]])
      expect(() => canonicalJson(value)).toThrow(RangeError);
  });
});
