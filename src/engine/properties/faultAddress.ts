import { BLOCK_SIZE } from '../core/address';
import { readU64 } from '../core/bytes';
import type { Change } from '../core/change';
import type { PrivateBlock } from './deduction';

/** Bits of eight bytes somewhere that an address has told somebody (`cpu/faultAddress.ts`). */
export interface ToldBits {
  readonly actor: string;
  readonly principal: number;
  readonly spa: number;
  /** Which bits are known, and what they are. */
  readonly bits: bigint;
  readonly value: bigint;
}

/** Fewer bits of a block could be guessed. */
const ENOUGH = 32;

/** Reads such bits out of a change; null for every other change. */
export function toldBits(change: Change): ToldBits | null {
  if (change.store !== 'fact' || change.what !== 'note' || change.data.what !== 'fault address') return null;
  const { data, bytes } = change;
  if (!bytes || typeof data.bits !== 'string') return null;
  const where = { actor: String(data.actor), principal: Number(data.principal), spa: Number(data.spa) };
  return { ...where, bits: BigInt(data.bits), value: readU64(bytes, 0) };
}

const ones = (bits: bigint): number => bits.toString(2).replaceAll('0', '').length;

/** Do the bits give away a block that somebody else keeps there? */
export function giveAway({ principal, spa, bits, value }: ToldBits, kept: PrivateBlock): boolean {
  if (kept.principal === principal || ones(bits) < ENOUGH) return false;
  return (readU64(kept.bytes, spa % BLOCK_SIZE) & bits) === (value & bits);
}
