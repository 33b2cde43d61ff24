import type { Registers } from '../../core/registers';
import type { IoEvent } from './events';
import { FLAG } from './run/flags';

// INS and OUTS move several elements at once for whoever emulates them; with the direction flag the first lies highest.

const goesDown = ({ rflags }: Registers): boolean => (rflags & FLAG.direction) !== 0n;

/** GVA of the lowest byte of so many elements. */
export function lowest(registers: Registers, event: IoEvent, count: number): number {
  const first = registers[event.in ? 'rdi' : 'rsi'];
  const below = goesDown(registers) ? BigInt((count - 1) * event.size) : 0n;
  return Number(BigInt.asUintN(64, first - below));
}

/** Elements as they lie in memory, in the order in which the port takes or gives them; or the other way round. */
export function inOrder(bytes: Uint8Array, registers: Registers, { size }: IoEvent): Uint8Array {
  if (!goesDown(registers)) return bytes;
  const turned = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += size)
    turned.set(bytes.subarray(at, at + size), bytes.length - size - at);
  return turned;
}
