import { expect, it } from 'vitest';
import { Bench } from '../testing/bench';

const OLD = 'call one\ncall two\nhlt\none: nop\nret\ntwo: nop\nnop\nret';
const NEW = 'call one\ncall two\nhlt\none: nop\nret\ntwo: nop\nnop\nnop\nret';

function profiled(bench: Bench, text: string, keep: string, before = 0): void {
  for (let i = 0; i < before; i++) bench.done({ type: 'guest.program', guest: 'alice', text: 'hlt' });
  const { core } = bench.domain('alice');
  bench.done({ type: 'guest.program', guest: 'alice', text });
  bench.done({ type: 'cpu.ibs', core, on: true });
  bench.done({ type: 'guest.continue', guest: 'alice' });
  bench.done({ type: 'cpu.ibs', core, on: false, keep });
}

function machine(): Bench {
  const bench = new Bench({ technology: 'sev-es' });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  return bench;
}

it('tells a binary by its samples, wherever it lies', () => {
  const bench = machine();
  profiled(bench, OLD, 'old');
  profiled(bench, NEW, 'new');
  profiled(bench, NEW, 'guest', 3);
  const compare = (first: string, second: string) =>
    bench.done({ type: 'host.compare-samples', samples: 'guest', first, second });
  expect(compare('old', 'new')).toEqual({ same: 'second' });
  expect(compare('new', 'old')).toEqual({ same: 'first' });
  expect(compare('new', 'new')).toEqual({ same: 'both' });
  expect(compare('old', 'old')).toEqual({ same: 'neither' });
});

it('knows nothing where nothing was sampled, and compares only what was kept', () => {
  const bench = machine();
  profiled(bench, 'hlt', 'one');
  profiled(bench, 'hlt', 'other');
  expect(bench.done({ type: 'host.compare-samples', samples: 'one', first: 'one', second: 'other' })).toEqual(
    { same: 'neither' },
  );
  expect(bench.refused({ type: 'host.compare-samples', samples: 'one', first: 'one', second: 'third' })).toBe(
    'xen.no-profile',
  );
});

it('keeps the newest sixteen, each name once', () => {
  const bench = machine();
  const { core } = bench.domain('alice');
  for (let i = 0; i < 20; i++) bench.done({ type: 'cpu.ibs', core, on: false, keep: `${i}` });
  bench.done({ type: 'cpu.ibs', core, on: false, keep: '10' });
  const names = bench.state.need('profiles').kept.map(({ name }) => name);
  expect(names).toEqual([
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
    '11',
    '12',
    '13',
    '14',
    '15',
    '16',
    '17',
    '18',
    '19',
    '10',
  ]);
});
