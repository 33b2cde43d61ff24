import { expect, it } from 'vitest';
import type { AccessView, ChangeView, SpanView } from '../../../worker/protocol';
import { addressSoFar, lastTransfer, named, route, wiresPassed } from './route';

const span = (actor: string, layer: SpanView['layer']): SpanView => ({
  id: 1,
  parent: null,
  depth: 0,
  layer,
  actor,
  name: 'read',
  args: {},
  start: 0,
  end: 9,
  result: null,
  fault: null,
});
const hop = (index: number, what: string, data: ChangeView['data'] = {}): ChangeView => ({
  index,
  store: 'fact',
  title: what,
  what,
  data,
  rule: null,
  before: null,
  after: null,
});
const access = (actor: string, layer: SpanView['layer'], hops: ChangeView[]): AccessView => ({
  span: span(actor, layer),
  hops,
  reached: hops.length,
  previous: null,
  next: null,
});

it('a read goes from the core through cache and engine and comes back', () => {
  const stops = route(
    access(
      'alice',
      'guest',
      ['core', 'tlb', 'walk', 'key', 'check', 'cache', 'controller', 'saw'].map((what, i) => hop(i, what)),
    ),
  );
  expect(stops.map((stop) => stop.place)).toEqual([
    'core',
    'core',
    'core',
    'core',
    'core',
    'cache',
    'engine',
    'core',
  ]);
  expect(wiresPassed(stops, 7)).toEqual([
    { from: 'core', to: 'cache' },
    { from: 'cache', to: 'engine' },
  ]);
});

it('a refused access ends in the box that it had reached', () => {
  const stops = route(access('nic', 'device', [hop(0, 'walk'), hop(1, 'check'), hop(2, 'fault')]));
  expect(stops.map(({ place, refused }) => [place, refused])).toEqual([
    ['device', false],
    ['device', false],
    ['device', true],
  ]);
});

it('a probe begins at the DRAM', () => {
  expect(
    route(access('probe', 'physical', [hop(0, 'bus'), hop(1, 'saw')])).map((stop) => stop.place),
  ).toEqual(['dram', 'dram']);
});

it('moves of state happen in the box that holds it, notes where the access is', () => {
  const change = (index: number, store: ChangeView['store']): ChangeView => ({
    ...hop(index, ''),
    store,
    what: null,
  });
  const hops = [
    hop(0, 'core'),
    change(1, 'tlb'),
    change(2, 'cache'),
    hop(3, 'controller'),
    change(4, 'dram'),
    change(5, 'page'),
  ];
  expect(route(access('alice', 'core', hops)).map((stop) => stop.place)).toEqual([
    'core',
    'core',
    'cache',
    'engine',
    'dram',
    'dram',
  ]);
});

it('knows what the engine did only once it has done it', () => {
  const controller = hop(2, 'controller', {
    direction: 'write',
    address: 0x40,
    selector: 1,
    mode: 'xex-linear',
    tweak: 'aa',
    plaintext: 'bb',
    ciphertext: 'cc',
  });
  const stops = route(
    access('alice', 'guest', [
      hop(0, 'core', { core: 3 }),
      hop(1, 'cache', { complex: 1, address: 0x40 }),
      controller,
    ]),
  );
  expect(lastTransfer(stops, 2)).toBeNull();
  expect(lastTransfer(stops, 3)).toMatchObject({ direction: 'write', selector: 1, ciphertext: 'cc' });
  expect([1, 2, 3].map((reached) => addressSoFar(stops, reached))).toEqual([null, 0x40, 0x40]);
  expect([named(stops, 'core'), named(stops, 'complex')]).toEqual([3, 1]);
});
