import type { Size } from '../instructions';
import type { ARITHMETIC } from '../table/arithmetic';
import { negate, OPERATIONS, oneLess, oneMore, type Result, shift } from './alu';
import { become, operandOf, type Run, read, sizeOf, write } from './step';

/** An instruction that changes its first operand. */
const modify =
  (change: (value: bigint, size: Size, rflags: bigint) => Result): Run =>
  (step) => {
    const before = read(step, 0);
    if (!before.ok) return before;
    const { value, rflags } = change(before.value, sizeOf(operandOf(step, 0)), step.registers.rflags);
    return write(step, value, { rflags });
  };

const combine =
  (name: keyof typeof OPERATIONS): Run =>
  (step) => {
    const a = read(step, 0);
    if (!a.ok) return a;
    const b = read(step, 1);
    if (!b.ok) return b;
    const size = sizeOf(operandOf(step, 0));
    const { value, rflags } = OPERATIONS[name](a.value, b.value, size, step.registers.rflags);
    return name === 'cmp' || name === 'test' ? become(step, { rflags }) : write(step, value, { rflags });
  };

const shifted =
  (name: 'shl' | 'shr' | 'sar'): Run =>
  (step) => {
    const count = read(step, 1);
    if (!count.ok) return count;
    return modify((value, size, rflags) => shift(name, value, Number(count.value), size, rflags))(step);
  };

export const ARITHMETIC_RUNS: Readonly<Record<keyof typeof ARITHMETIC, Run>> = {
  add: combine('add'),
  or: combine('or'),
  adc: combine('adc'),
  sbb: combine('sbb'),
  and: combine('and'),
  sub: combine('sub'),
  xor: combine('xor'),
  cmp: combine('cmp'),
  test: combine('test'),
  not: modify((value, size, rflags) => ({ value: BigInt.asUintN(8 * size, ~value), rflags })),
  neg: modify(negate),
  inc: modify(oneMore),
  dec: modify(oneLess),
  shl: shifted('shl'),
  shr: shifted('shr'),
  sar: shifted('sar'),
};
