/**
 * Writes the tweaks of `blocks` consecutive 16-byte blocks, the first of them at `address`, into `out`: four
 * little-endian words a block from index 0 on. The address is a multiple of 16 below 2^52, all blocks lie in one page.
 */
export type TweakFill = (address: number, blocks: number, out: Uint32Array) => void;
