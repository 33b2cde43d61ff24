import { PAGE_SIZE } from '../core/address';
import { readUint, u64 } from '../core/bytes';
import { HOST_KEY, NO_KEY } from '../core/key';
import { packRegisters } from '../core/registers';
import { HOST_REGISTERS } from '../cpu/hostState';
import type { Bench } from './bench';
import { coreRegisters } from './programs';

/** A value of 64 bits that no machine holds by chance; `number` has 16 bits. */
export const mark = (number: number): bigint => 0xa11c_e057_5eed_0000n + BigInt(number);

/** Its upper six bytes as they lie in memory, behind the number. */
const TAIL = u64(mark(0)).subarray(2);

/** Numbers of the marks among some bytes, at any place, in order. */
export function marksIn(bytes: Uint8Array): number[] {
  const [first, second] = TAIL;
  const found: number[] = [];
  for (let at = 2; at + TAIL.length <= bytes.length; at++) {
    if (bytes[at] !== first || bytes[at + 1] !== second) continue;
    if (TAIL.every((byte, index) => bytes[at + index] === byte))
      found.push(Number(readUint(bytes, at - 2, 2)));
  }
  return found;
}

/**
 * Numbers of the marks that Xen can see, each once: in DRAM as it lies there and as Xen’s own key shows it, in cache lines
 * under that key or none, and in the registers of cores that have left their guest.
 */
export function marksForXen(bench: Bench): number[] {
  const host = bench.machine.cipher(HOST_KEY);
  const found = new Set<number>();
  const look = (bytes: Uint8Array): void => {
    for (const number of marksIn(bytes)) found.add(number);
  };
  for (const [page, bytes] of bench.state.dram.pages) {
    look(bytes);
    if (host) look(host.decrypt(page * PAGE_SIZE, bytes));
  }
  for (const cache of bench.state.caches)
    for (const { key, data } of cache.values()) if (key === HOST_KEY || key === NO_KEY) look(data);
  for (let core = 0; core < bench.state.tlbs.length; core++) {
    if (bench.state.need('core', core).domain !== null || !bench.state.cell('registers', core)) continue;
    const held = packRegisters(coreRegisters(bench, core));
    if (JSON.stringify(held) !== JSON.stringify(HOST_REGISTERS))
      throw new Error(`core ${core} holds a guest’s registers`);
  }
  return [...found].sort((a, b) => a - b);
}
