import { expect, it } from 'vitest';
import { Bench } from '../../../engine/testing/bench';
import { programView } from './programView';
import { tracesView } from './traces';

it('tells what Xen has kept of each run, with pages in the order of their use', () => {
  const bench = new Bench({ technology: 'sev-snp' });
  expect(tracesView(bench.machine)).toEqual([]);
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  const { at } = bench.done({ type: 'guest.program', guest: 'alice', text: 'nop\npush rax\nhlt' });
  bench.done({ type: 'host.watch', guest: 'alice', gpa: Number(at) % 2 ** 32, pages: 2 });
  bench.done({ type: 'host.step', guest: 'alice', trace: 'first' });
  bench.done({ type: 'guest.program', guest: 'alice', text: 'nop\nhlt' });
  bench.done({ type: 'host.step', guest: 'alice', trace: 'second', budget: 4 });
  expect(tracesView(bench.machine)).toEqual([
    {
      name: 'first',
      guest: 'alice',
      frames: [
        { kind: 'page', retired: 0, page: 1, access: 'fetch' },
        { kind: 'step', retired: 1 },
        { kind: 'page', retired: 0, page: 2, access: 'write' },
        { kind: 'step', retired: 1 },
        { kind: 'exit', retired: 0, name: 'HLT' },
      ],
    },
    { name: 'second', guest: 'alice', frames: [{ kind: 'exit', retired: 1, name: 'HLT' }] },
  ]);
});

it('says what is held back of RSP', () => {
  const topology = { sockets: 1, complexes: 2, cores: 1, threads: 2 };
  const bench = new Bench({ technology: 'sev', topology });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  bench.done({ type: 'guest.program', guest: 'alice', text: 'push rax\nhlt' });
  const held = () => programView(bench.machine, { guest: 'alice', vcpu: 0 })?.heldBack;
  expect(held()).toBeNull();
  bench.done({ type: 'cpu.stack-engine', core: 0, off: true });
  bench.done({ type: 'guest.step', guest: 'alice' });
  expect(held()).toBe(-8);
});
