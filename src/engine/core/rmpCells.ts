/**
 * Where the reverse map table lies: RMP_BASE, RMP_END and RMP_CFG (MSRs C001_0132, C001_0133, C001_0136) as all cores have
 * them. No cell: nobody has set them, and no page has an entry.
 */
export interface RmpCell {
  /** SPAs of its first and of its last byte. */
  readonly base: number;
  readonly end: number;
  /** RMP_CFG with SegRmpEn: a segment covers 2 to this power of bytes. Null: one table for all memory. */
  readonly segmentBits: number | null;
}
