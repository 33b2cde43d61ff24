import { LockstepSide } from '../../lab/lockstep';
import { parseSide } from '../../lab/side';
import { ATTACK_IDS } from '../../scenario/attacks';
import { loadScenario } from '../../scenario/library';
import { playSides } from '../../worker/compare/play';
import type { FigureDefinition } from '../figure';
import { digits, median, quantile } from '../stats';

const SIDES = ['sme', 'sev', 'sev-es', 'sev-snp'].flatMap((text) => parseSide(text) ?? []);

/** Milliseconds that each step of every attack takes on all four machines together, and each power-on. */
async function times(): Promise<{ steps: number[]; boots: number[] }> {
  const steps: number[] = [];
  const boots: number[] = [];
  for (const id of ATTACK_IDS) {
    const scenario = await loadScenario(id);
    if (!scenario) continue;
    const started = performance.now();
    const running = playSides(scenario, SIDES);
    let now = started;
    for (let n = 1; !running.next().done; n++) {
      if (n % SIDES.length > 0) continue;
      const before = now;
      now = performance.now();
      (n === SIDES.length ? boots : steps).push(now - before);
    }
  }
  return { steps, boots };
}

const compare: FigureDefinition = {
  name: 'compare-play',
  title: 'A step of an attack’s script played on four machines ahead of whoever looks, SME to SEV-SNP, p95',
  unit: 'ms',
  target: null,
  run: async () => {
    // Once for the compiler: a visitor’s worker is warm after the power-on of the machine on screen.
    const scenario = await loadScenario(ATTACK_IDS[0] ?? '');
    if (scenario) for (const side of SIDES) new LockstepSide(scenario, side).take(1);
    const { steps, boots } = await times();
    return {
      value: quantile(steps, 0.95),
      reference: null,
      notes: [
        `${steps.length} steps of ${ATTACK_IDS.length} attacks; median ${digits(median(steps))} ms, longest ${digits(Math.max(...steps))} ms`,
        `four machines power on in ${digits(median(boots))} ms`,
      ],
    };
  },
};

export const COMPARE_FIGURES = [compare];
