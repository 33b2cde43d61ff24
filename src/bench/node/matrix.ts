import { compute, plan } from '../../lab/matrix';
import { ATTACK_IDS } from '../../scenario/attacks';
import { loadScenario } from '../../scenario/library';
import { atMost, type FigureDefinition } from '../figure';
import { digits, median, time } from '../stats';
import { machine, SMALL } from '../work/play';

/** Every attack on every level and with every mitigation, from power-on to the end. */
const matrix: FigureDefinition = {
  name: 'matrix',
  title: 'The matrix of attacks, computed',
  unit: 's',
  target: atMost(15),
  run: async () => {
    const attacks = await Promise.all(
      ATTACK_IDS.map(async (id) => ({ id, scenario: (await loadScenario(id))! })),
    );
    const plain = median(Array.from({ length: 7 }, () => time(() => void machine(SMALL))));
    const cells = attacks.flatMap(({ id, scenario }) =>
      plan(id, scenario).map((cell) => ({
        name: `${id} ${cell.column}`,
        ms: time(() => void compute(scenario, cell)),
      })),
    );
    const ms = cells.reduce((sum, cell) => sum + cell.ms, 0);
    const slowest = [...cells].sort((a, b) => b.ms - a.ms).slice(0, 3);
    return {
      value: ms / 1000,
      reference: { what: 'powering as many machines on', ratio: ms / (plain * cells.length) },
      notes: [
        `${cells.length} runs of ${attacks.length} attacks; the longest: ${slowest.map((cell) => `${cell.name} ${digits(cell.ms)} ms`).join(', ')}`,
      ],
    };
  },
};

export const MATRIX_FIGURES = [matrix];
