import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../config';
import { readU64 } from '../core/bytes';
import { ControlFlow } from '../properties/controlFlow';
import { Bench } from '../testing/bench';
import { coreRegisters } from '../testing/programs';

const SMT = { sockets: 1, complexes: 2, cores: 1, threads: 2 };
const TOP = 0x1ff8;
/** The first guest runs on thread 1, which shares its core with thread 0. */
const [SIBLING, OWN] = [0, 1];

interface Loaded {
  readonly bench: Bench;
  readonly at: number;
}

function loaded(text: string, part: PartialConfig = {}): Loaded {
  const bench = new Bench({ technology: 'sev-snp', topology: SMT, ...part });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  const { at } = bench.done({ type: 'guest.program', guest: 'alice', text });
  return { bench, at: Number(at) };
}

const turn = ({ bench }: Loaded, off: boolean, core = SIBLING) =>
  bench.done({ type: 'cpu.stack-engine', core, off });
const step = ({ bench }: Loaded, count = 1) => bench.done({ type: 'guest.step', guest: 'alice', count });
const rsp = ({ bench, at }: Loaded): number => Number(coreRegisters(bench, OWN).rsp) - at;
const rip = ({ bench, at }: Loaded): number => Number(coreRegisters(bench, OWN).rip) - at;

function slot({ bench, at }: Loaded, offset: number): number {
  return Number(readU64(bench.seen({ eye: 'guest', guest: 'alice', space: 'gva' }, at + offset, 8), 0));
}

function broken({ bench }: Loaded): string[] {
  const monitor = new ControlFlow();
  for (const [index, change] of bench.changes.entries()) monitor.fold(change, index);
  return monitor.violations.map(({ sentence }) => sentence);
}

const PUSHES = 'mov eax, 1\npush rax\ninc rax\npush rax\ninc rax\npush rax\npop rbx\nhlt';

describe('a stack engine that the sibling has switched off', () => {
  it('lets memory be written and RSP stand still, and then gives it all at once', () => {
    const machine = loaded(PUSHES);
    expect(turn(machine, true)).toEqual({ siblings: [OWN] });
    step(machine, 6);
    expect(rsp(machine)).toBe(TOP);
    expect([slot(machine, TOP - 8), slot(machine, TOP - 16)]).toEqual([3, 0]);
    expect(machine.bench.state.need('stackEngine', 0)).toEqual({ off: true, held: { [OWN]: -24 } });
    expect(turn(machine, false)).toEqual({ siblings: [OWN] });
    expect(rsp(machine)).toBe(TOP - 24);
    expect(machine.bench.state.cell('stackEngine', 0)).toBeNull();
  });

  it('breaks control flow with the first instruction that RSP does not follow, and with the jump', () => {
    const machine = loaded(PUSHES);
    turn(machine, true);
    step(machine, 2);
    expect(broken(machine)).toEqual(['Alice’s PUSH moves RSP by 0 in place of -8.']);
    turn(machine, false);
    expect(broken(machine).at(-1)).toBe('Alice’s RSP moves by -8, and no instruction of it asks for that.');
  });

  it('lets RET find what was pushed, where POPs should have taken it away', () => {
    const text = 'lea rdi, [far]\npush rdi\npush rdi\npop rax\npop rax\nret\nnop\nfar: mov edi, 1\nhlt';
    const machine = loaded(text);
    step(machine, 3);
    turn(machine, true);
    step(machine, 3);
    turn(machine, false);
    step(machine);
    expect(coreRegisters(machine.bench, OWN).rdi).toBe(1n);
    expect(rsp(machine)).toBe(TOP + 8);
  });

  it('has nothing to do with an instruction that writes RSP itself', () => {
    const machine = loaded('lea rax, [here]\nmov rsp, rax\nadd rsp, 8\npush rsp\npop rsp\nhere: hlt');
    step(machine, 1);
    turn(machine, true);
    step(machine, 2);
    const here = Number(coreRegisters(machine.bench, OWN).rax) - machine.at;
    expect(rsp(machine)).toBe(here + 8);
    expect(broken(machine)).toEqual([]);
  });
});

describe('nothing is held back', () => {
  const held = (machine: Loaded, core = SIBLING): number => {
    turn(machine, true, core);
    step(machine, 6);
    turn(machine, false, core);
    step(machine, 1);
    return rsp(machine);
  };

  it.each<[string, PartialConfig, number]>([
    ['by a core without SMT', { topology: { ...SMT, cores: 2, threads: 1 } }, SIBLING],
    ['by another core', {}, 2],
    ['by the guest’s own thread, between #VMEXIT and VMRUN', {}, OWN],
    ['with newer microcode', { fixes: ['microcode-stack-engine'] }, SIBLING],
  ])('%s', (_, part, core) => {
    const machine = loaded(PUSHES, part);
    expect(held(machine, core)).toBe(TOP - 16);
    expect(broken(machine)).toEqual([]);
    expect(coreRegisters(machine.bench, OWN).rbx).toBe(3n);
  });

  it('for a guest whose policy forbids SMT: it is not launched beside a sibling', () => {
    const create = { type: 'xl.create', config: 'alice.cfg', extra: 'memory=1 sev_policy=0x20000' };
    expect(new Bench({ technology: 'sev-snp', topology: SMT }).refused(create)).toBe('asp.snp-policy-smt');
    expect(new Bench({ technology: 'sev-snp' }).perform(create).ok).toBe(true);
  });
});

it('takes nothing away in the end: RSP is where all pushes and pops together lead', () => {
  const { bench, at } = loaded('nop\nhlt', { technology: 'sev' });
  const machine = { bench, at };
  const lines = fc.array(fc.constantFrom('push rax', 'pop rcx'), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(lines, fc.nat(8), fc.nat(8), (stack, from, until) => {
      const { at: begin } = bench.done({
        type: 'guest.program',
        guest: 'alice',
        text: ['sub rsp, 64', ...stack, 'hlt'].join('\n'),
      });
      step(machine);
      for (const [i] of stack.entries()) {
        if (i === from) turn(machine, true);
        if (i === until) turn(machine, false);
        step(machine);
      }
      turn(machine, false);
      const due = stack.reduce((sum, line) => sum + (line === 'push rax' ? -8 : 8), -64);
      expect(Number(coreRegisters(bench, OWN).rsp) - Number(begin)).toBe(TOP + due);
    }),
    { numRuns: 12 },
  );
});

it('runs elsewhere meanwhile: RIP follows what RET finds', () => {
  const machine = loaded('call on\nhlt\non: ret');
  turn(machine, true);
  step(machine);
  expect([rip(machine), rsp(machine), slot(machine, TOP - 8)]).toEqual([6, TOP, machine.at + 5]);
});
