import { alignUp, BLOCK_SIZE, LINE_SIZE, lineBase } from '../core/address';
import type { KeySelector } from '../core/key';
import type { Platform } from '../core/platform';
import { flushRange, peekBytes } from './cache';
import { controllerRead, controllerWrite } from './controller';

/**
 * Coherent DMA: a device's access snoops the caches for lines of the same key domain, then goes to the controller. It
 * never allocates a line.
 */
export function dmaRead(p: Platform, address: number, length: number, key: KeySelector): Uint8Array {
  const start = address - (address % BLOCK_SIZE);
  controllerRead(p, start, alignUp(address + length - start, BLOCK_SIZE), key);
  return peekBytes(p, 0, address, length, key);
}

export function dmaWrite(
  p: Platform,
  address: number,
  bytes: Uint8Array,
  key: KeySelector,
  writer: number,
): void {
  const start = lineBase(address);
  const end = alignUp(address + bytes.length, LINE_SIZE);
  flushRange(p, start, end - start, key);
  const merged = peekBytes(p, 0, start, end - start, key);
  merged.set(bytes, address - start);
  const from = address - (address % BLOCK_SIZE);
  const to = alignUp(address + bytes.length, BLOCK_SIZE);
  controllerWrite(p, from, merged.subarray(from - start, to - start), key, writer);
}
