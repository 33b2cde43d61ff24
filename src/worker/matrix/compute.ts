import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../engine/core/bytes';
import { type CellPlan, compute, plan } from '../../lab/matrix';
import type { Scenario } from '../../scenario/schema';
import type { Kept } from './kept';
import type { BrokenCell, MatrixApi, MatrixCell } from './protocol';

interface Surroundings {
  readonly ids: readonly string[];
  readonly load: (id: string) => Promise<Scenario | null>;
  /** Names the program that plays: another one may come to something else. */
  readonly build: string;
  readonly kept: Kept;
}

const nameOf = ({ attack, column }: { readonly attack: string; readonly column: string }): string =>
  `${attack} ${column}`;

/** Computes the matrix of attacks and technologies, and keeps what it came to. */
export function createMatrix({ ids, load, build, kept }: Surroundings): MatrixApi {
  return {
    compute: async (tell) => {
      const scenarios = new Map<string, Scenario>();
      for (const id of ids) {
        const scenario = await load(id);
        if (scenario) scenarios.set(id, scenario);
      }
      const text = JSON.stringify([build, [...scenarios]]);
      const digest = toHex(sha256(new TextEncoder().encode(text)));
      const plans = [...scenarios].flatMap(([id, scenario]) => plan(id, scenario));
      const wanted = new Set(plans.map(nameOf));
      const cells = (await kept.read(digest)).filter((cell) => wanted.has(nameOf(cell)));
      let done = cells.length;
      const known = new Set(cells.map(nameOf));
      tell({ cells: [...cells], broken: [], done, total: plans.length });
      for (const [id, scenario] of scenarios) {
        const missing = plans.filter((cell) => cell.attack === id && !known.has(nameOf(cell)));
        for (const each of missing) {
          const played = playCell(scenario, each);
          if ('outcome' in played) cells.push(played);
          const found =
            'outcome' in played ? { cells: [played], broken: [] } : { cells: [], broken: [played] };
          tell({ ...found, done: ++done, total: plans.length });
        }
        if (missing.length > 0) await kept.write(digest, cells);
      }
    },
  };
}

function playCell(scenario: Scenario, each: CellPlan): MatrixCell | BrokenCell {
  const { attack, column } = each;
  try {
    return { attack, column, ...compute(scenario, each) };
  } catch (error) {
    return { attack, column, why: error instanceof Error ? error.message : String(error) };
  }
}
