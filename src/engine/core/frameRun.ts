/** A run of page frames, `[first, count]`. */
export type FrameRun = readonly [first: number, count: number];
