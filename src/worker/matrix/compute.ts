import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../engine/core/bytes';
import { type CellPlan, compute, plan } from '../../lab/matrix';
import type { Scenario } from '../../scenario/schema';
import type { Kept } from './kept';
import type { MatrixApi, Told } from './protocol';

interface Surroundings {
  readonly load: (id: string) => Promise<Scenario | null>;
  /** Names the program that plays: another one may come to something else. */
  readonly build: string;
  readonly kept: Kept;
}

/** Computes rows of the matrix of attacks and technologies, and keeps what they came to. */
export function createMatrix({ load, build, kept }: Surroundings): MatrixApi {
  return {
    compute: async (attack, tell) => {
      const scenario = await load(attack);
      if (!scenario) throw new Error(`there is no attack ${attack}`);
      const digest = toHex(sha256(new TextEncoder().encode(JSON.stringify([build, scenario]))));
      const cells = [...(await kept.read(attack, digest))];
      const known = new Set(cells.map(({ column }) => column));
      const missing = plan(attack, scenario).filter(({ column }) => !known.has(column));
      if (cells.length > 0) tell([...cells]);
      for (const each of missing) {
        const played = playCell(scenario, each);
        if ('outcome' in played) cells.push(played);
        tell([played]);
      }
      if (missing.length > 0) await kept.write(attack, digest, cells);
    },
  };
}

function playCell(scenario: Scenario, each: CellPlan): Told {
  const { attack, column } = each;
  try {
    return { attack, column, ...compute(scenario, each) };
  } catch (error) {
    return { attack, column, why: error instanceof Error ? error.message : String(error) };
  }
}
