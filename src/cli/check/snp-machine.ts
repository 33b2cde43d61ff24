import { completeConfig } from '../../engine/config';
import type { Change } from '../../engine/core/change';
import { Machine } from '../../engine/machine';
import { protectTable } from '../../engine/rmp/table';

const MIB = 2 ** 20;

export const TABLE_AT = 32 * MIB;
const TABLE_END = TABLE_AT + MIB - 1;
const MEMORY = 64 * MIB;

/** A machine of Turin’s generation, before SNP is enabled; `changes` gets whatever happens on it. */
export function turin(changes: Change[] = []): Machine {
  const recorder = {
    change: (change: Change) => void changes.push(change),
    open: () => {},
    close: () => {},
  };
  return new Machine(completeConfig({ generation: 'turin', memory: MEMORY }), recorder, new Map(), null);
}

/** The same with a table for more than its memory, and SNP enabled. */
export function withTable(changes: Change[] = []): Machine {
  const machine = turin(changes);
  machine.trace.set('rmp', 0, { base: TABLE_AT, end: TABLE_END, segmentBits: null });
  machine.trace.set('syscfg', 0, { snpEn: true });
  protectTable(machine);
  return machine;
}
