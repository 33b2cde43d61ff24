import { sha256 } from '@noble/hashes/sha2.js';
import { fromHex, readU32 } from '../core/bytes';

/** Lowest and highest address bit that a tweak depends on; bits 0 to 3 lie inside one block. */
const FIRST_BIT = 4;
const LAST_BIT = 51;

/** t_4 to t_31 in memory order, measured on first-generation parts; see `TWEAK_WORDS`. */
const MEASURED = [
  '82253838',
  'ec09079c',
  '40000018',
  '8102a23a',
  '77d91077',
  'b010b2c0',
  '536d544d',
  '1568ee53',
  'b09230c2',
  '9670ff8e',
  '361b90d5',
  '0400c236',
  'e8182985',
  'bd31f92a',
  'a50d3744',
  'f431d84c',
  '02043181',
  'b37132a1',
  '508ac06c',
  '168a8020',
  '7f9bc007',
  '00db0407',
  '7f000404',
  '70fa01be',
  'bb3d2890',
  'bd2dd526',
  '1c5d6ce2',
  '4f5ce727',
];

const inventedWord = (bit: number): number =>
  readU32(sha256(new TextEncoder().encode(`sev-sim tweak bit ${bit}`)), 0);

/**
 * The constant that each address bit adds to the tweak: `TWEAK_WORDS[i - 4]` for bit i, as a little-endian word that
 * stands four times in the 16-byte block.
 *
 * Bits 4 to 31: published measurements of SEVurity (Wilke et al., IEEE S&P 2020; the constants are facts listed in
 * UzL-ITS/SEVurity@e90b2bffe01d). Bits 32 to 51 are not published: invented for the simulator (modelled), the first
 * four bytes of SHA-256 of the ASCII text `sev-sim tweak bit <i>`.
 */
export const TWEAK_WORDS: Uint32Array = Uint32Array.from({ length: LAST_BIT - FIRST_BIT + 1 }, (_, i) => {
  const measured = MEASURED[i];
  return measured === undefined ? inventedWord(FIRST_BIT + i) : readU32(fromHex(measured), 0);
});

/** XOR of the eight words from `first` on that belong to the set bits of each byte value. */
function byteTable(first: number): Uint32Array {
  const table = new Uint32Array(256);
  for (let bit = 0; bit < 8; bit++) {
    const word = TWEAK_WORDS[first + bit] as number;
    for (let value = 0; value < 256; value++)
      if ((value >>> bit) & 1) table[value] = (table[value] as number) ^ word;
  }
  return table;
}

/** Address bits 4 to 11: the block inside its page. */
const BLOCK = byteTable(0);
/** Address bits 12 to 51, eight at a time: the page frame. */
const FRAME = [8, 16, 24, 32, 40].map(byteTable) as [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];

/** The part of the tweak word that all blocks of the page have in common. */
function pageTweak(address: number): number {
  const low = address >>> 0;
  const high = Math.floor(address / 0x100000000);
  return (
    (FRAME[0][(low >>> 12) & 0xff] as number) ^
    (FRAME[1][(low >>> 20) & 0xff] as number) ^
    (FRAME[2][(low >>> 28) | ((high & 0xf) << 4)] as number) ^
    (FRAME[3][(high >>> 4) & 0xff] as number) ^
    (FRAME[4][(high >>> 12) & 0xff] as number)
  );
}

/** The linear tweak of blocks of one page; for the contract see `TweakFill`. */
export function fillLinear(address: number, blocks: number, out: Uint32Array): void {
  const page = pageTweak(address);
  const first = (address >>> 4) & 0xff;
  for (let block = 0; block < blocks; block++) {
    const word = page ^ (BLOCK[first + block] as number);
    const at = 4 * block;
    out[at] = word;
    out[at + 1] = word;
    out[at + 2] = word;
    out[at + 3] = word;
  }
}
