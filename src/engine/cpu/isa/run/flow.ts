import { CONDITIONS, type Condition, type FLOW } from '../table/flow';
import { xcrRefused } from './checked';
import { FLAG, holds } from './flags';
import { become, happens, pop, push, type Run, read } from './step';

/** Whether the target is canonical shows when it is fetched. */
const jump: Run = (step) => {
  const target = read(step, 0);
  return target.ok ? become(step, { rip: target.value }) : target;
};

const call: Run = (step) => {
  const target = read(step, 0);
  return target.ok ? push(step, step.next, { rip: target.value }) : target;
};

const ret: Run = (step) => {
  if (step.registers.rsp === 0n) return happens({ name: 'END' });
  const popped = pop(step);
  return popped.ok ? become(step, { rip: popped.value.top, rsp: popped.value.rsp }) : popped;
};

/** The frame of an event: 64 bits each, from RSP on. */
const FRAME = { rip: 0n, rflags: 16n, rsp: 24n } as const;

const iretq: Run = (step) => {
  const found: Partial<Record<keyof typeof FRAME, bigint>> = {};
  for (const name of ['rip', 'rflags', 'rsp'] as const) {
    const loaded = step.memory.load(BigInt.asUintN(64, step.registers.rsp + FRAME[name]), 8);
    if (!loaded.ok) return loaded;
    found[name] = loaded.value;
  }
  return become(step, found);
};

const loop: Run = (step) => {
  const rcx = BigInt.asUintN(64, step.registers.rcx - 1n);
  const counted = { ...step, registers: { ...step.registers, rcx } };
  return rcx === 0n ? become(counted) : jump(counted);
};

const xgetbv: Run = (step) => {
  const refused = xcrRefused(step.registers);
  if (refused) return refused;
  const { xcr0 } = step.registers;
  return become(step, { rax: BigInt.asUintN(32, xcr0), rdx: xcr0 >> 32n });
};

const flags =
  (set: bigint, cleared: bigint): Run =>
  (step) =>
    become(step, { rflags: (step.registers.rflags & ~cleared) | set });

const CONDITIONAL = Object.fromEntries(
  CONDITIONS.map((condition): [Condition, Run] => [
    condition,
    (step) => (holds(condition, step.registers.rflags) ? jump(step) : become(step)),
  ]),
) as Record<Condition, Run>;

export const FLOW_RUNS: Readonly<Record<keyof typeof FLOW, Run>> = {
  ...CONDITIONAL,
  jmp: jump,
  loop,
  iretq,
  call,
  ret,
  nop: (step) => become(step),
  clc: flags(0n, FLAG.carry),
  stc: flags(FLAG.carry, 0n),
  cli: flags(0n, FLAG.interrupt),
  sti: flags(FLAG.interrupt, 0n),
  cld: flags(0n, FLAG.direction),
  std: flags(FLAG.direction, 0n),
  xgetbv,
};
