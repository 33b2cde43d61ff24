import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OWNER_FIRMWARE, OWNER_GUEST, OWNER_HYPERVISOR, packPage } from '../../engine/core/page';
import { PageMirror } from '../../store/pageMirror';
import { canvasTheme } from '../theme/testing/tokens';
import { layoutOf } from './layout';
import { MapModel } from './model';
import { createPalette } from './palette';
import { clean, type Level, Pyramid } from './pyramid';
import { RANK } from './rank';
import { mapThemeOf } from './themes';

const word = (owner: number): number =>
  packPage({ owner, key: 1, writer: owner, shared: false, structure: false });
const modelOf = (source: PageMirror, pageCount: number, columns: number): MapModel =>
  new MapModel({
    source,
    layout: layoutOf(pageCount, columns),
    palette: createPalette('owner', mapThemeOf(canvasTheme('dark'), 'dark')),
    onChange: () => undefined,
    clock: () => 0,
  });
const levelsOf = (pyramid: Pyramid): Level[] =>
  Array.from({ length: pyramid.depth }, (_, n) => pyramid.level(n));
const pictures = (pyramid: Pyramid): number[][] => levelsOf(pyramid).map(({ pixels }) => [...pixels]);

describe('the pyramid', () => {
  it('after any updates equals one built from scratch', () => {
    const step = fc.tuple(fc.nat(255), fc.nat(1000), fc.nat(6), fc.option(fc.nat(6), { freq: 4 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const grown = new Pyramid(16);
        const built = new Pyramid(16);
        for (const [index, colour, rank, asked] of steps) {
          grown.set(index, colour, rank);
          built.set(index, colour, rank);
          if (asked !== null) grown.level(asked);
        }
        expect(pictures(grown)).toEqual(pictures(built));
      }),
    );
  });

  it('marks the rows to upload', () => {
    const pyramid = new Pyramid(8);
    for (const level of levelsOf(pyramid)) clean(level);
    pyramid.set(8 * 5 + 2, 0xff0000ff, RANK.guest);
    const rows = levelsOf(pyramid).map(({ dirtyFrom, dirtyTo }) => [dirtyFrom, dirtyTo]);
    expect(rows).toEqual([
      [5, 6],
      [2, 3],
      [1, 2],
      [0, 1],
    ]);
  });
});

describe('the model', () => {
  it('shows one hot page on every level, among a million owned ones, hot or not before', () => {
    const mirror = new PageMirror();
    const all = new Uint32Array(2 ** 21);
    for (let pfn = 0; pfn < 2 ** 20; pfn++) all.set([pfn, word(OWNER_GUEST + 1)], 2 * pfn);
    mirror.apply(all, false);
    const model = modelOf(mirror, 2 ** 20, 1024);
    const pfn = 777_777;
    mirror.apply(Uint32Array.of(pfn, word(OWNER_HYPERVISOR)), true);
    const pyramid = model.tiles.tileAt(0, 0)?.pyramid as Pyramid;
    const colour = model.colour(pfn);
    expect(pyramid.depth).toBe(11);
    for (const level of levelsOf(pyramid)) expect(level.pixels).toContain(colour);
    expect(pyramid.level(10).pixels[0]).toBe(colour);
  });

  it('lets a fault speak before a guest, and a guest before the firmware', () => {
    const mirror = new PageMirror();
    mirror.apply(
      Uint32Array.of(0, word(OWNER_FIRMWARE), 1, word(OWNER_GUEST + 1), 2, word(OWNER_HYPERVISOR)),
      false,
    );
    const model = modelOf(mirror, 4096, 64);
    const top = (): number | undefined => model.tiles.tileAt(0, 0)?.pyramid.level(99).pixels[0];
    expect(top()).toBe(model.colour(1));
    model.setFaults([2]);
    expect(top()).toBe(model.colour(2));
    model.setHot([0]);
    expect(top()).toBe(model.colour(0));
    model.setHot([]);
    model.setFaults([]);
    expect(top()).toBe(model.colour(1));
  });

  it('after updates, a seek and another layout equals a fresh model', () => {
    const change = fc.tuple(fc.nat(4095), fc.constantFrom(0, 1, 2, 3, 8, 9));
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 60 }),
        fc.array(change, { maxLength: 60 }),
        (first, second) => {
          const mirror = new PageMirror();
          const model = modelOf(mirror, 4096, 64);
          mirror.apply(Uint32Array.from(first.flatMap(([pfn, owner]) => [pfn, word(owner)])), false);
          model.setLayout(layoutOf(4096, 128));
          mirror.replace(Uint32Array.from(second.flatMap(([pfn, owner]) => [pfn, word(owner)])));
          const fresh = modelOf(mirror, 4096, 128);
          const [grown, built] = [model, fresh].map((m) => m.tiles.tileAt(0, 0));
          if (grown !== undefined && built !== undefined)
            expect(pictures(grown.pyramid)).toEqual(pictures(built.pyramid));
        },
      ),
      { numRuns: 15 },
    );
  });

  it('takes the caller’s word for what is hot, once it is given', () => {
    const mirror = new PageMirror();
    const model = modelOf(mirror, 4096, 64);
    model.setHot([3]);
    mirror.apply(Uint32Array.of(9, word(1)), true);
    expect([...model.hot.pages]).toEqual([3]);
  });

  it('makes tiles only where something was touched', () => {
    const mirror = new PageMirror();
    const model = modelOf(mirror, 2 ** 28, 16384);
    mirror.apply(Uint32Array.of(5, word(1), 2 ** 27, word(OWNER_GUEST + 1)), true);
    expect(model.tiles.count).toBe(2);
  });
});
