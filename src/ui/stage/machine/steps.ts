import type { Stop } from './route';

/** A line of "the way of this access": one fact, or a run of table entries read one after the other. */
export interface Step {
  /** Order numbers of its facts, from 0; the last one excluded. */
  readonly from: number;
  readonly to: number;
  readonly title: string;
  readonly stop: Stop;
}

/** Joins the entries of one page walk, which are many, into one line; everything else is a line of its own. */
export function stepsOf(stops: readonly Stop[]): Step[] {
  const steps: Step[] = [];
  stops.forEach((stop, index) => {
    const last = steps.at(-1);
    if (last && stop.hop.what === 'walk' && last.stop.hop.what === 'walk') {
      const from = last.from;
      steps[steps.length - 1] = {
        from,
        to: index + 1,
        stop,
        title: `page tables: ${index + 1 - from} entries read`,
      };
    } else steps.push({ from: index, to: index + 1, stop, title: stop.hop.title });
  });
  return steps;
}

export type StepState = 'done' | 'now' | 'later' | 'refused';

/** How far a step is when `reached` facts have happened. */
export function stateOf(step: Step, reached: number, isLatest: boolean): StepState {
  if (reached <= step.from) return 'later';
  if (step.stop.refused) return 'refused';
  return isLatest ? 'now' : 'done';
}

/** The part of a long list that is worth drawing: some before the current one and some after. */
export function around<T>(
  list: readonly T[],
  current: number,
  most: number,
): { readonly first: number; readonly part: readonly T[] } {
  const first = Math.max(0, Math.min(current - Math.floor(most / 2), list.length - most));
  return { first, part: list.slice(first, first + most) };
}
