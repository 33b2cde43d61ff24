/** Where something stands: percent of the width, rem from the top. */
export type Spot = readonly [x: number, y: number];

/** A box of a diagram: its middle and its size in rem. */
export interface Box {
  readonly at: Spot;
  readonly width: number;
  readonly height: number;
}

/** An arrow between two boxes. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Corners on the way. */
  readonly via?: readonly Spot[];
  /** Rem to the left of the way that it would take: two arrows between the same boxes go side by side. */
  readonly shift?: number;
  /** The middle of what is written on it. */
  readonly label?: Spot;
}

export interface Layout {
  readonly height: number;
  readonly boxes: Readonly<Record<string, Box>>;
  readonly arrows: readonly Arrow[];
}
