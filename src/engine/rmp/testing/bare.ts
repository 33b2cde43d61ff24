import { completeConfig } from '../../config';
import type { Change } from '../../core/change';
import type { Generation } from '../../core/config';
import type { Cipher, Platform } from '../../core/platform';
import { State } from '../../core/state';
import { Trace } from '../../core/trace';
import { CPUID_SAMPLES } from '../../cpu/cpuid';
import { FIRMWARE_UNIT, tableEnd } from '../place';
import { protectTable } from '../table';

const MIB = 2 ** 20;

export interface BareOptions {
  readonly generation?: Generation;
  /** Bytes that the table covers. */
  readonly covered?: number;
  /** SPA of the table. */
  readonly base?: number;
  readonly snpEnabled?: boolean;
  readonly cipher?: Cipher | null;
}

/** A platform with a table and nothing else: two cores, no Xen, no memory encryption. */
export function bare({
  generation = 'turin',
  covered = 16 * MIB,
  base = 8 * MIB,
  snpEnabled = true,
  cipher = null,
}: BareOptions = {}): Platform & { readonly changes: Change[] } {
  const changes: Change[] = [];
  const state = new State(1, 2);
  const trace = new Trace(state, {
    change: (change) => void changes.push(change),
    open: () => {},
    close: () => {},
  });
  const p = {
    config: completeConfig({ generation, memory: 64 * MIB }),
    state,
    trace,
    blobs: new Map(),
    far: () => p,
    cipher: () => cipher,
    changes,
  };
  const { fn8000001f, fn80000008eax } = CPUID_SAMPLES[generation];
  trace.set('cpuid', 0, { fn8000001f, fn80000008eax });
  trace.set('syscfg', 0, { snpEn: snpEnabled });
  trace.set('rmp', 0, { base, end: tableEnd(base, covered, FIRMWARE_UNIT), segmentBits: null });
  protectTable(p);
  return p;
}
