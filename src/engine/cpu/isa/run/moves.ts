import type { MOVES } from '../table/moves';
import { writeDebug } from './checked';
import { addressOf } from './operandAccess';
import { become, happens, operandOf, pop, push, type Run, read, write } from './step';

/** Copies the second operand to the first, with zeros where it is smaller. */
const copy: Run = (step) => {
  const value = read(step, 1);
  return value.ok ? write(step, value.value) : value;
};

/** Of MOV only DR7 is an event: it has intercepts and exit codes of its own in what a guest can ask for. */
const mov: Run = (step) => {
  const [to, from] = [operandOf(step, 0), operandOf(step, 1)];
  if (from.kind === 'debug' && from.register === 'dr7' && to.kind === 'register')
    return happens({ name: 'DR7_READ', register: to.register });
  if (to.kind !== 'debug' || from.kind !== 'register') return copy(step);
  if (to.register === 'dr7') return happens({ name: 'DR7_WRITE', register: from.register });
  const written = writeDebug('dr6', step.registers[from.register]);
  return written.ok ? become(step, { dr6: written.value }) : written;
};

const lea: Run = (step) => {
  const place = operandOf(step, 1);
  if (place.kind !== 'memory') throw new Error('lea without memory');
  return write(step, addressOf(place, step.registers, step.next));
};

export const MOVE_RUNS: Readonly<Record<keyof typeof MOVES, Run>> = {
  mov,
  movzx: copy,
  movq: copy,
  lea,
  push: (step) => {
    const value = read(step, 0);
    return value.ok ? push(step, value.value) : value;
  },
  pop: (step) => {
    const popped = pop(step);
    return popped.ok ? write(step, popped.value.top, { rsp: popped.value.rsp }) : popped;
  },
  // The table knows XMM0 only, and XMM0 with itself is zero.
  pxor: (step) => write(step, 0n),
};
