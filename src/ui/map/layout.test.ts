import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cellOf,
  centreOf,
  chooseColumns,
  fitView,
  layoutOf,
  pageAt,
  pageOfCell,
  visibleCells,
} from './layout';

const GIB = 2 ** 18;
const machine = fc.record({
  pageCount: fc.integer({ min: 1024, max: 2 ** 28 }),
  width: fc.integer({ min: 300, max: 4000 }),
  height: fc.integer({ min: 200, max: 2000 }),
});

describe('layout', () => {
  it('goes from page to cell and back', () => {
    fc.assert(
      fc.property(
        machine,
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        ({ pageCount, width, height }, part) => {
          const layout = layoutOf(pageCount, chooseColumns(pageCount, width, height));
          const pfn = Math.floor(part * pageCount);
          const { column, row } = cellOf(layout, pfn);
          expect(pageOfCell(layout, column, row)).toBe(pfn);
        },
      ),
    );
  });

  it('goes from page to screen and back at any zoom', () => {
    fc.assert(
      fc.property(
        machine,
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        fc.double({ min: 0.01, max: 3000, noNaN: true }),
        ({ pageCount, width, height }, part, scale) => {
          const layout = layoutOf(pageCount, chooseColumns(pageCount, width, height));
          const pfn = Math.floor(part * pageCount);
          const view = { scale, x: -12345, y: 678 };
          const { x, y } = centreOf(layout, view, pfn);
          expect(pageAt(layout, view, x, y)).toBe(pfn);
        },
      ),
    );
  });

  it('knows no page outside the map', () => {
    const layout = layoutOf(1000, 64);
    expect(pageOfCell(layout, 64, 0)).toBeNull();
    expect(pageOfCell(layout, -1, 3)).toBeNull();
    expect(pageOfCell(layout, 63, 15)).toBeNull();
    expect(pageOfCell(layout, 39, 15)).toBe(999);
  });

  it('fills the panel in columns that are round in hexadecimal', () => {
    fc.assert(
      fc.property(machine, ({ pageCount, width, height }) => {
        const columns = chooseColumns(pageCount, width, height);
        const { rows } = layoutOf(pageCount, columns);
        expect(columns % 16).toBe(0);
        const cell = Math.min(width / columns, height / rows);
        // Half way between 16 and 32 columns it is half the panel, less the unfinished row.
        expect(cell * cell * pageCount).toBeGreaterThan(0.45 * width * height);
      }),
    );
    expect(chooseColumns(4096, 800, 330)).toBe(96);
    expect(chooseColumns(4 * GIB, 1600, 800)).toBe(1536);
  });

  it('keeps the column count through small changes of the panel', () => {
    const columns = chooseColumns(4096, 800, 400);
    expect(chooseColumns(4096, 800, 470, columns)).toBe(columns);
    expect(chooseColumns(4096, 300, 900, columns)).toBeLessThan(columns);
  });

  it('fits the whole map, and then every cell is visible', () => {
    fc.assert(
      fc.property(machine, ({ pageCount, width, height }) => {
        const layout = layoutOf(pageCount, chooseColumns(pageCount, width, height));
        const cells = visibleCells(layout, fitView(layout, width, height, 8), width, height);
        expect(cells).toEqual({ left: 0, top: 0, right: layout.columns, bottom: layout.rows });
      }),
    );
  });
});
