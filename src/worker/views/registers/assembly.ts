import { GUEST_BASE } from '../../../engine/core/address';
import { toHex } from '../../../engine/core/bytes';
import { assemble } from '../../../engine/cpu/isa/assemble';
import type { AssemblyView } from '../../registersProtocol';

/** The bytes of a program that is not loaded yet, as if it stood where guests’ memory begins. */
export function assemblyView(text: string): AssemblyView {
  const assembled = assemble(text, BigInt(GUEST_BASE));
  if (!assembled.ok) return { lines: [], errors: assembled.errors };
  const { code, lines } = assembled;
  return {
    lines: lines
      .filter(({ length }) => length > 0)
      .map(({ line, offset, length }) => ({
        line,
        offset,
        bytes: toHex(code.subarray(offset, offset + length)),
      })),
    errors: [],
  };
}
