/** Where a picture of all pages comes from. `pageMirror.ts` is one; a test or a bench may bring its own. */
export interface MapSource {
  /** The packed word of a page (engine/core/page.ts); 0 for one never touched. */
  word(pfn: number): number;
  /** 0 (all bytes alike) … 255 (no pattern), or -1 where nobody has measured. */
  entropy?(pfn: number): number;
  /** Returns the way to unsubscribe. */
  subscribe(listener: PatchListener): () => void;
  forEachTouched(fn: (pfn: number, word: number) => void): void;
}

/** `patch` holds (pfn, word) pairs; `hot` asks for attention on these pages. */
export type PatchListener = (patch: Uint32Array, hot: boolean) => void;
