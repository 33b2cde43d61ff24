/** What a figure must reach. */
export interface Target {
  readonly bound: 'at most' | 'at least';
  readonly value: number;
}

export const atMost = (value: number): Target => ({ bound: 'at most', value });
export const atLeast = (value: number): Target => ({ bound: 'at least', value });

/** A fixed piece of work, measured in the same run, so that figures of two machines or two hours can be compared. */
export interface Reference {
  readonly what: string;
  /** The measured figure divided by the reference's. */
  readonly ratio: number;
}

export interface Figure {
  readonly value: number;
  readonly reference: Reference | null;
  /** What else the run showed. */
  readonly notes: readonly string[];
}

export interface FigureDefinition {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly target: Target | null;
  run(): Promise<Figure>;
}

/** A definition with what came out of it; `failed` when it could not be measured. */
export interface Result {
  readonly definition: FigureDefinition;
  readonly outcome: { readonly figure: Figure } | { readonly failed: string };
}

/** By how much a target is missed, in the figure's unit; 0 when it is met. */
export function missedBy(target: Target, value: number): number {
  return Math.max(0, target.bound === 'at most' ? value - target.value : target.value - value);
}
