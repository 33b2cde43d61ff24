/** Where a picture of all pages comes from. `pageMirror.ts` is one; a test or a bench may bring its own. */
export interface MapSource {
  /** The packed word of a page (engine/core/page.ts); 0 for one never touched. */
  word(pfn: number): number;
  /**
   * How random the bytes look, 0 (all alike) … 255 (no pattern), or from 256 on the page’s state by the RMP; -1 where nobody
   * has measured.
   */
  measured?(pfn: number): number;
  /** Returns the way to unsubscribe. */
  subscribe(listener: PatchListener): () => void;
  forEachTouched(fn: (pfn: number, word: number) => void): void;
}

/** `patch` holds (pfn, word) pairs; `hot` asks for attention on these pages. */
export type PatchListener = (patch: Uint32Array, hot: boolean) => void;
