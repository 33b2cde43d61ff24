import { GPA_HIGH, GPA_LOW, type RmpEntry, unpackEntry } from './entry';

/** Is the entry at word `at` the head of an assigned large page? */
export const speaksForAll = (words: Int32Array, at: number): boolean => (words[at]! & 3) === 3;

/**
 * An entry read where it lies, without a new object for each: for those who ask about millions. It shows what `look` was last
 * called with, so nobody may keep it.
 */
export class EntryView implements RmpEntry {
  private low = 0;
  private high = 0;
  private mask = 0;
  private upper = 0;

  /**
   * Shows the four words from word `at` on. They are taken in the host’s byte order, which is little-endian wherever a browser
   * runs.
   */
  look(words: Int32Array, at: number): this {
    this.low = words[at]!;
    this.high = words[at + 1]!;
    this.mask = words[at + 2]!;
    this.upper = words[at + 3]!;
    return this;
  }

  get assigned(): boolean {
    return (this.low & 1) !== 0;
  }
  get large(): boolean {
    return (this.low & 2) !== 0;
  }
  get immutable(): boolean {
    return (this.low & 4) !== 0;
  }
  get subPageCount(): number {
    return (this.low >>> 3) & 0x1ff;
  }
  get gpa(): number {
    return (this.high & GPA_HIGH) * 2 ** 32 + ((this.low & GPA_LOW) >>> 0);
  }
  get asid(): number {
    return (this.high >>> 19) & 0x3ff;
  }
  get vmsa(): boolean {
    return (this.high & 0x2000_0000) !== 0;
  }
  get validated(): boolean {
    return (this.high & 0x4000_0000) !== 0;
  }
  get lock(): boolean {
    return this.high < 0;
  }
  get permissions(): number {
    return this.mask >>> 0;
  }
  get persistentKey(): boolean {
    return this.whole.persistentKey;
  }
  get reserved(): number {
    return this.whole.reserved;
  }
  get rootPort(): number {
    return this.whole.rootPort;
  }
  get ideStream(): number {
    return this.whole.ideStream;
  }
  get migration(): number {
    return this.whole.migration;
  }

  /** The fields that no check asks for. */
  private get whole(): RmpEntry {
    const words = [this.low, this.high, this.mask, this.upper];
    return unpackEntry(new Uint8Array(Int32Array.from(words).buffer));
  }
}
