/** Whole numbers below `below`, the same every time. */
export function dice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Pages of a 4 GiB machine: nine touches in ten fall on one page in a hundred. */
export const PAGES = 2 ** 20;

export function somePage(random: (below: number) => number): number {
  return random(random(10) === 0 ? PAGES : PAGES / 100);
}
