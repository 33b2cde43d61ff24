import { hex } from '../core/address';
import type { MachineConfig } from '../core/config';
import { type Fault, type Rule, refuse } from '../core/fault';
import { memoryMap } from '../memory/regions';

const NO_STICK: Rule = {
  id: 'physical.no-stick',
  says: 'A probe reads only what is soldered or plugged in.',
  source: 'the machine’s memory map: its ranges of DRAM, the secure processor’s part too',
  standing: 'published',
};

/** Why a probe finds no memory for a run of addresses, or null. Neighbouring ranges count as one. */
export function outsideStick(config: MachineConfig, at: number, length: number): Fault | null {
  let next = at;
  for (const { base, size, kind } of memoryMap(config)) {
    if (kind !== 'mmio' && next >= base && next < base + size) next = base + size;
  }
  if (next > at && next >= at + length) return null;
  return refuse(
    NO_STICK,
    'refused',
    `There is no DRAM at ${hex(next)}.`,
    { address: at, length, missing: next },
    'An address in a range of DRAM.',
  ).fault;
}
