import { alignUp, HUGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import type { MachineConfig, Region } from '../core/config';
import { type Outcome, ok, type Rule, refuse } from '../core/fault';
import type { Platform } from '../core/platform';

const REGION_RULES = {
  unmapped: {
    id: 'memory.unmapped',
    says: 'A physical address that belongs to no DRAM, reserved or MMIO range answers nobody.',
    source: 'APM vol. 2 §7.8, the memory map that firmware reports',
    standing: 'published',
  },
  firmware: {
    id: 'memory.firmware-region',
    says: 'The data fabric denies the processor cores and devices the memory that the secure processor keeps for itself.',
    source: 'AMD-ASPFW sev_es.c (trusted memory region); cpu-and-rmp.md D.1',
    standing: 'published',
  },
  mmio: {
    id: 'memory.mmio',
    says: 'Device registers are not memory: they are never encrypted and nothing is stored there.',
    source: 'Linux commit e2692c4eeaa4: MMIO mappings have C = 0',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** Every access asks, so the answer for a machine is kept. */
const maps = new WeakMap<MachineConfig, readonly Region[]>();

/**
 * The memory map in force, by address: the configured one, or DRAM from 0 with the secure processor's part at its top and
 * MMIO above.
 */
export function memoryMap(config: MachineConfig): readonly Region[] {
  const known = maps.get(config);
  if (known) return known;
  const map =
    config.memoryMap.length > 0 ? config.memoryMap.toSorted((a, b) => a.base - b.base) : plainMap(config);
  maps.set(config, map);
  return map;
}

function plainMap(config: MachineConfig): readonly Region[] {
  const firmware = firmwareSize(config.memory);
  return [
    { base: 0, size: config.memory - firmware, kind: 'dram', name: 'DRAM' },
    { base: config.memory - firmware, size: firmware, kind: 'reserved', name: 'secure processor' },
    {
      base: alignUp(config.memory, HUGE_PAGE_SIZE),
      size: 1024 * 1024,
      kind: 'mmio',
      name: 'device registers',
    },
  ];
}

/** The part of DRAM that the secure processor keeps: a thirty-second, at most 1 MiB (modelled). */
const firmwareSize = (memory: number): number => Math.min(memory / 32, 1024 * 1024);

/** Pages from 0 to the end of the highest DRAM or reserved range: what the map draws. */
export function pageCount(config: MachineConfig): number {
  let end = 0;
  for (const region of memoryMap(config))
    if (region.kind !== 'mmio') end = Math.max(end, region.base + region.size);
  return end / PAGE_SIZE;
}

const overlaps = ({ base, size }: Region, address: number, length: number): boolean =>
  address < base + size && base < address + length;

export const TRUSTED_REGION = 'trusted memory region';

/** What the secure processor has taken for itself since: the trusted memory region of SEV-ES, once it is live. */
function trustedRegion({ state }: Platform): Region | null {
  const tmr = state.cell('platform')?.tmr;
  if (!tmr?.live) return null;
  return { base: tmr.address, size: tmr.length, kind: 'reserved', name: TRUSTED_REGION };
}

/** The region of an address, or the first one that a run of bytes touches and nobody but firmware reaches. */
export function regionAt(p: Platform, address: number, length = 1): Region | null {
  const taken = trustedRegion(p);
  if (taken && overlaps(taken, address, length)) return taken;
  return memoryMap(p.config).find((region) => overlaps(region, address, 1)) ?? null;
}

/** Whether a core or a device may reach `length` bytes at `address` at all; answers with the region. */
export function reach(p: Platform, address: number, length: number): Outcome<Region> {
  const region = regionAt(p, address, length);
  const inputs = { address: `0x${address.toString(16)}`, length };
  const inside = region !== null && address + length <= region.base + region.size;
  if (region?.kind === 'reserved' && (inside || region.base > address)) {
    return refuse(
      REGION_RULES.firmware,
      'abort',
      `This page belongs to the ${region.name}; the data fabric refuses the access.`,
      inputs,
      'Only the secure processor itself can reach it.',
    );
  }
  if (!region || !inside) {
    return refuse(
      REGION_RULES.unmapped,
      'abort',
      'No memory answers at this physical address.',
      inputs,
      'The address would have to lie in a range of the memory map.',
    );
  }
  if (region.kind === 'mmio') {
    return refuse(
      REGION_RULES.mmio,
      'abort',
      'These are device registers, not memory.',
      inputs,
      'The address would have to lie in DRAM.',
    );
  }
  return ok(region);
}
