import { alignUp, BLOCK_SIZE, LINE_SIZE, lineBase } from '../core/address';
import type { Rule } from '../core/fault';
import { type KeySelector, keyName } from '../core/key';
import type { Platform } from '../core/platform';
import { clean, flush, isCoherent, linesAt, peekThrough, peekWrittenBack } from './cache';
import { controllerRead, controllerWrite, decryptFromDram } from './controller';

/**
 * A device's access snoops the caches and then goes to the controller; it never allocates a line. Dirty lines of its own
 * key domain are written back first, clean ones are not asked.
 */
const BUS_RULE: Rule = {
  id: 'bus.snoop',
  says: 'DMA snoops the caches for dirty lines of its own key domain, and of every domain where hardware keeps them coherent.',
  source:
    'APM vol. 2 §7.3; modelled for other domains: Linux sev.c (sev_flush_encrypted_page) flushes for devices even where CPUID Fn8000_001F[EAX] bit 10 is set',
  standing: 'modelled',
};

const blockStart = (address: number): number => address - (address % BLOCK_SIZE);

/** Writes dirty lines of a range back before a device moves bytes there; `gone`: the lines go, also clean ones. */
function snoop(p: Platform, address: number, length: number, key: KeySelector, gone: boolean): void {
  const all = isCoherent(p);
  for (let at = lineBase(address); at < address + length; at += LINE_SIZE) {
    for (const [complex, line] of linesAt(p, at)) {
      if (line.key !== key && !all) continue;
      if (!gone && !line.dirty) continue;
      const label = {
        event: 'snooped by a device',
        complex,
        address: at,
        key: keyName(line.key),
        dirty: line.dirty,
      };
      p.trace.fact('cache', label, BUS_RULE);
      if (gone) flush(p, complex, line);
      else clean(p, complex, line);
    }
  }
}

export function dmaRead(p: Platform, address: number, length: number, key: KeySelector): Uint8Array {
  snoop(p, address, length, key, false);
  const start = blockStart(address);
  const blocks = controllerRead(p, start, alignUp(address + length - start, BLOCK_SIZE), key);
  return blocks.slice(address - start, address - start + length);
}

/** What `dmaRead` would deliver now. Changes nothing. */
export const peekDma = (p: Platform, address: number, length: number, key: KeySelector): Uint8Array =>
  peekThrough(p, address, length, key, (at) => peekWrittenBack(p, at, key));

/** Replaces bytes; of a 16-byte block that they cover in part, the controller reads and merges the rest. */
export function dmaWrite(
  p: Platform,
  address: number,
  bytes: Uint8Array,
  key: KeySelector,
  writer: number,
): void {
  snoop(p, address, bytes.length, key, true);
  const start = blockStart(address);
  const length = alignUp(address + bytes.length - start, BLOCK_SIZE);
  const whole = length === bytes.length;
  const blocks = whole ? bytes : decryptFromDram(p, start, length, key);
  if (!whole) blocks.set(bytes, address - start);
  controllerWrite(p, start, blocks, key, writer);
}
