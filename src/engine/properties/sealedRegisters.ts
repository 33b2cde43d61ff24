import { BLOCK_SIZE, PAGE_SIZE } from '../core/address';
import { readU64, readUint, u64 } from '../core/bytes';
import type { FactChange } from '../core/change';
import { OWNER_GUEST } from '../core/page';
import { PLACE_REGISTERS } from '../core/registers';
import { VMSA_REGISTERS } from '../cpu/vmsa';
import { VMSA_FIELDS } from '../cpu/vmsaFields';

/** What an exit left of a vCPU in a block of its VMSA. */
export interface SealedBlock {
  readonly principal: number;
  readonly bytes: Uint8Array;
  /** All that it says is what the guest had just read from shared memory. */
  readonly told: boolean;
}

const QUADWORD = 8;

/** Offsets of the registers that the record of an exit has, by quadword of the VMSA. */
const RECORDED = new Map(PLACE_REGISTERS.map((name, i) => [VMSA_FIELDS[name].offset, i * QUADWORD]));

/** Quadwords that hardware stores, and the record of an exit has not: what lies beside them is not judged. */
const UNKNOWN = new Set<number>(
  [...VMSA_REGISTERS, 'cr0' as const, 'cr3' as const, 'cr4' as const, 'efer' as const]
    .map((name) => VMSA_FIELDS[name].offset)
    .filter((offset) => !RECORDED.has(offset)),
);

/** Nothing but registers and what the launch left empty lies there. */
function isKnown(block: number): boolean {
  const both = [block, block + QUADWORD];
  return both.some((at) => RECORDED.has(at)) && !both.some((at) => UNKNOWN.has(at));
}

interface Left {
  readonly principal: number;
  readonly registers: Uint8Array;
  readonly told: bigint | null;
}

/**
 * Registers of guests with SEV-ES where an exit stored them: 16-byte blocks of VMSAs, which whoever reads DRAM sees as
 * ciphertext (CipherLeaks, USENIX Security 2021). A register was told to the guest when it has the value that the guest read from
 * shared memory last: whoever put it there knows it.
 */
export class SealedRegisters {
  private readonly left = new Map<number, Left>();

  /** An exit stored registers. @param heard what the guest has read from shared memory last. */
  exit({ data, bytes }: FactChange, heard: Uint8Array | undefined): void {
    if (typeof data.vmsa !== 'number' || !bytes) return;
    const told = heard && heard.length <= QUADWORD ? readUint(heard, 0, heard.length) : null;
    this.left.set(data.vmsa / PAGE_SIZE, {
      principal: OWNER_GUEST + Number(data.domain),
      registers: bytes,
      told,
    });
  }

  /** Somebody wrote into a page: what an exit had left there may be gone. */
  overwritten(spa: number): void {
    this.left.delete(Math.floor(spa / PAGE_SIZE));
  }

  behind(spa: number): SealedBlock | null {
    const left = this.left.get(Math.floor(spa / PAGE_SIZE));
    const block = spa % PAGE_SIZE;
    if (!left || !isKnown(block)) return null;
    const bytes = new Uint8Array(BLOCK_SIZE);
    let told = true;
    for (const at of [block, block + QUADWORD]) {
      const place = RECORDED.get(at);
      if (place === undefined) continue;
      const value = readU64(left.registers, place);
      bytes.set(u64(value), at - block);
      told &&= value === left.told;
    }
    return { principal: left.principal, bytes, told };
  }
}
