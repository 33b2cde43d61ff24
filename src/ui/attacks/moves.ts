/**
 * Where a key leads from a cell of the matrix, or from a button in the heading of a row: to the left of the first cell. A row
 * need not have every column: the nearest cell stands in.
 */
export function cellFor(table: HTMLElement, from: HTMLElement, key: string): HTMLElement | null {
  const at = placeOf(from);
  const row = Number(from.closest<HTMLElement>('tr')?.dataset.row);
  const rows = table.querySelectorAll<HTMLElement>('tr[data-row]').length;
  switch (key) {
    case 'ArrowRight':
      return beside(from, 1);
    case 'ArrowLeft':
      return beside(from, -1);
    case 'ArrowDown':
      return nearest(table, row + 1, at);
    case 'ArrowUp':
      return nearest(table, row - 1, at);
    case 'Home':
      return nearest(table, row, 0);
    case 'End':
      return nearest(table, row, Number.MAX_SAFE_INTEGER);
    case 'PageDown':
      return nearest(table, rows - 1, at);
    case 'PageUp':
      return nearest(table, 0, at);
    default:
      return null;
  }
}

const cellsOf = (row: Element | null): HTMLElement[] => [
  ...(row?.querySelectorAll<HTMLElement>('button') ?? []),
];

/** Cells are counted from 0 on, what stands in the heading backwards from them. */
function placeOf(button: HTMLElement): number {
  if (button.dataset.at !== undefined) return Number(button.dataset.at);
  const heading = [...(button.closest('th')?.querySelectorAll('button') ?? [])];
  return heading.indexOf(button as HTMLButtonElement) - heading.length;
}

function nearest(table: HTMLElement, row: number, at: number): HTMLElement | null {
  const distance = (button: HTMLElement): number => Math.abs(placeOf(button) - at);
  const all = cellsOf(table.querySelector(`tr[data-row="${row}"]`));
  const cells = all.filter((button) => placeOf(button) < 0 === at < 0);
  return cells.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

function beside(from: HTMLElement, by: 1 | -1): HTMLElement | null {
  const cells = cellsOf(from.closest('tr'));
  return cells[cells.indexOf(from) + by] ?? null;
}
