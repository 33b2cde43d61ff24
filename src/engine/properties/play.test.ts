import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Action } from '../actions';
import type { PartialConfig } from '../config';
import { PAGE_SIZE } from '../core/address';
import { GENERATIONS } from '../core/config';
import type { Json } from '../core/json';
import { HOST_KEY, NO_KEY } from '../core/key';
import { pageStructure } from '../core/page';
import { actionFrom } from '../testing/arbitrary';
import { Bench } from '../testing/bench';
import { createGuest } from '../testing/guests';
import { Confidentiality } from './confidentiality';
import { Integrity } from './integrity';

const RUNS = Number(process.env.FUZZ_RUNS ?? 25);
const SEED = Number(process.env.FUZZ_SEED ?? 20_260);

/** Whether every slot holds the host's key. */
const oneKey = vi.hoisted(() => ({ forAll: false }));

vi.mock('../asp/keys', async (load) => {
  const real = await load<typeof import('../asp/keys')>();
  class KeyStore extends real.KeyStore {
    override cipher(...[state, key]: Parameters<InstanceType<typeof real.KeyStore>['cipher']>) {
      return super.cipher(state, oneKey.forAll && key !== NO_KEY ? HOST_KEY : key);
    }
  }
  return { ...real, KeyStore };
});

/** What the guests write for themselves: random bytes, so that nobody writes the same by chance. */
const secret = fc
  .uint8Array({ minLength: 16, maxLength: 200 })
  .map((bytes) => `hex:${Buffer.from(bytes).toString('hex')}`);
/** An action of these fields. */
const deed = (fields: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Action> =>
  fc.record(fields).map((args) => args as Action);

const guest = fc.constantFrom('alice', 'bob');
const page = fc.integer({ min: 7, max: 12 }).map((number) => 0x7f00_0000_0000 + number * 4096);

const privateWrite = deed({ type: fc.constant('guest.write'), guest, at: page, data: secret });

/**
 * What the guests do: they write into their own pages, read them, move them between private and shared with the copy that
 * this needs, and do I/O. What they share they mean to share.
 */
const honest: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: privateWrite },
  deed({ type: fc.constant('guest.read'), guest, at: page }),
  deed({
    type: fc.constant('guest.convert'),
    guest,
    at: page,
    to: fc.constantFrom('shared', 'private'),
  }),
  deed({
    type: fc.constant('guest.io'),
    guest,
    at: page,
    direction: fc.constantFrom('send', 'receive'),
    via: fc.constant('bounce'),
    data: secret,
  }),
);

/** Frames from Xen's heap to the guests' last: 2.5 MiB in all; often those where Alice or Bob has the pages above. */
const frame = fc
  .tuple(
    fc.oneof(fc.nat(640), fc.integer({ min: 134, max: 141 }), fc.integer({ min: 390, max: 397 })),
    fc.constantFrom(0, 16, 64, 1000),
  )
  .map(([number, at]) => number * 4096 + at);

/**
 * A page of a guest gets another frame: nobody’s, Xen’s, the other guest’s, but never one that another page of the same guest has or
 * had. SEV leaves that to the hypervisor, and with it which of its own pages a guest sends.
 */
const remap: fc.Arbitrary<Action> = fc
  .record({
    name: guest,
    number: fc.integer({ min: 7, max: 12 }),
    sixteenth: fc.oneof(fc.nat(39), fc.constantFrom(8, 24)),
  })
  .map(({ name, number, sixteenth }) => ({
    type: 'host.remap',
    guest: name,
    gpa: number * PAGE_SIZE,
    to: (sixteenth * 16 + number) * PAGE_SIZE,
  }));

/**
 * What everybody else may try, on memory and caches: read, write, copy, remap, flush, DMA, the wires. Without the control
 * block: SEV leaves it to the hypervisor, and with it the ASID and whether there is encryption at all.
 */
const hostile: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: deed({
      type: fc.constantFrom('host.read', 'device.read', 'probe.read'),
      at: frame,
      length: fc.constantFrom(64, 4096),
    }),
  },
  {
    weight: 2,
    arbitrary: deed({
      type: fc.constant('host.read'),
      at: frame,
      c: fc.constantFrom('0', '1'),
      length: fc.constantFrom(64, 4096),
    }),
  },
  remap,
  deed({
    type: fc.constant('host.copy'),
    from: frame,
    to: frame.map((at) => 2 ** 21 + at),
    c: fc.constantFrom('0', '1'),
  }),
  actionFrom([
    'host.nested-c',
    'host.vmrun',
    'host.vmexit',
    'cpu.wbinvd',
    'cpu.clflush',
    'cpu.vmpage-flush',
    'cpu.tlb-flush',
    'device.assign',
  ]),
);

const config: fc.Arbitrary<PartialConfig> = fc.record({
  generation: fc.constantFrom(...GENERATIONS),
  sme: fc.constantFrom('full', 'none'),
  tsme: fc.boolean(),
  writeBack: fc.constantFrom('soon', 'late'),
  cacheLines: fc.constantFrom(16, 256),
});

/** What is done to a page, by its frame and its address in the guest. */
type Acts = (spa: number, at: number) => readonly { readonly type: string }[];

function watched(
  part: PartialConfig,
  actions: readonly Action[],
): { secrets: string[]; contents: string[]; bench: Bench } {
  const bench = new Bench({ memory: 2 ** 22, ...part });
  for (const name of ['alice', 'bob']) bench.done(createGuest(name));
  for (const action of actions) bench.perform(action);
  const [secrets, contents] = [new Confidentiality(), new Integrity()];
  for (const [index, change] of bench.changes.entries()) {
    secrets.fold(change, index);
    contents.fold(change, index);
  }
  const sentences = ({ violations }: Confidentiality | Integrity) =>
    violations.map(({ sentence }) => sentence);
  return { secrets: sentences(secrets), contents: sentences(contents), bench };
}

const mixed = (...kinds: fc.Arbitrary<Action>[]) =>
  fc.array(fc.oneof(...kinds), { minLength: 40, maxLength: 80, size: 'max' });

/** Alice gives her device 64 bytes of hers. */
const send = (at: number): Action => ({
  type: 'guest.io',
  guest: 'alice',
  at,
  direction: 'send',
  via: 'bounce',
  data: 'x'.repeat(64),
});

/** Whether some play of this kind breaks confidentiality. */
function findsLeak(part: PartialConfig, runs = 20): boolean {
  return fc
    .sample(mixed(honest, hostile), { numRuns: runs, seed: SEED })
    .some((actions) => watched(part, actions).secrets.length > 0);
}

describe('confidentiality', () => {
  it('no actor without the key ever sees a guest’s private plaintext', () => {
    fc.assert(
      fc.property(
        config,
        fc.constantFrom('sev', 'sev-es'),
        mixed(honest, hostile),
        (part, technology, actions) => {
          expect(watched({ technology, ...part }, actions).secrets).toEqual([]);
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it.each([
    ['nothing is encrypted', { technology: 'off' }],
    ['only the host has a key', { technology: 'sme', sme: 'none' }],
    ['SME is full, but the hypervisor reads through it', { technology: 'sme', sme: 'full' }],
  ] as const)('is broken by the same play where %s', (_, part) => {
    expect(findsLeak(part)).toBe(true);
  });

  it('is not broken by what a guest sends on purpose, though its bounce page was moved onto a table of Xen', () => {
    const secret = 'hex:00112233445566778899aabbccddeeff';
    const at = 0x7f00_0000_9000;
    const send = { type: 'guest.io', guest: 'alice', at, direction: 'send', via: 'bounce' } as const;
    const first = new Bench({ technology: 'sev', memory: 2 ** 22 });
    first.done(createGuest('alice'));
    first.done(send);
    const objects = first.state.need('guest', 1).objects;
    const bounce = objects.find(({ kind }) => kind === 'bounce')?.address ?? 0;
    const play: Action[] = [
      send,
      { type: 'host.remap', guest: 'alice', gpa: bounce % 2 ** 20, to: PAGE_SIZE },
      { type: 'guest.write', guest: 'alice', at, data: secret },
      send,
    ];
    const { secrets, bench } = watched({ technology: 'sev' }, play);
    expect(pageStructure(bench.state.pages.get(1))).toBe(true);
    expect(
      bench.changes.some((c) => c.store === 'fact' && c.what === 'saw' && c.data.actor === 'device'),
    ).toBe(true);
    expect(secrets).toEqual([]);
  });

  it('is not broken by a shared block that guest and device wrote together, and that the guest keeps a copy of', () => {
    const at = 0x7f00_0000_9000;
    const io = { type: 'guest.io', guest: 'alice', at, via: 'bounce' } as const;
    const long = 'hex:00112233445566778899aabbccddeeff';
    const play: Action[] = [
      { type: 'guest.write', guest: 'alice', at, data: long },
      { ...io, direction: 'send', data: long },
      { ...io, direction: 'receive', data: 'hex:a1b2c3d4e5f607' },
    ];
    const { bench } = watched({ technology: 'sev' }, play);
    const bounce = bench.state.need('guest', 1).objects.find(({ kind }) => kind === 'bounce')?.address ?? 0;
    const looks: Action[] = [{ type: 'host.read', at: bench.spaOf('alice', bounce), c: '0', length: 64 }];
    expect(watched({ technology: 'sev' }, [...play, ...looks]).secrets).toEqual([]);
  });

  /** Two pages of Alice’s, her bounce page, and the address of the second in her own memory. */
  const pages = () => {
    const [source, other] = [0x7f00_0000_9000, 0x7f00_0000_a000];
    const first = new Bench({ technology: 'sev', memory: 2 ** 22 });
    first.done(createGuest('alice'));
    first.done({ type: 'guest.io', guest: 'alice', at: source, direction: 'send', via: 'bounce' });
    const bounce = first.state.need('guest', 1).objects.find(({ kind }) => kind === 'bounce')?.address ?? 0;
    return { source, other, gpa: other % 2 ** 20, of: (at: number) => first.spaOf('alice', at), bounce };
  };
  it('is not broken by blocks that a guest sends knowingly, though behind them it was made to read others', () => {
    const { source, other, gpa, of, bounce } = pages();
    const play: Action[] = [
      send(source),
      { type: 'guest.write', guest: 'alice', at: other, data: 'twenty bytes as well' },
      { type: 'host.remap', guest: 'alice', gpa, to: of(bounce) },
      { type: 'guest.write', guest: 'alice', at: other, data: 'only sixteen now' },
      send(other),
    ];
    const { secrets, bench } = watched({ technology: 'sev' }, play);
    const sent = bench.changes.findLast((c) => c.store === 'fact' && c.data.actor === 'device');
    expect(sent?.store === 'fact' && Buffer.from(sent.bytes ?? []).toString('latin1')).toMatch(
      /^only sixteen now/,
    );
    expect(secrets).toEqual([]);
  });

  it('turns red when the rule is broken that gives each guest its own key', () => {
    try {
      oneKey.forAll = true;
      expect(findsLeak({ technology: 'sev', sme: 'full' })).toBe(true);
    } finally {
      oneKey.forAll = false;
    }
    expect(findsLeak({ technology: 'sev', sme: 'full' }, 3)).toBe(false);
  });

  it('turns red when the caches forget the key in the tag of a line', async () => {
    vi.resetModules();
    vi.doMock('../core/stores', async (load) => {
      const real = await load<typeof import('../core/stores')>();
      return { ...real, lineSlot: (address: number) => real.lineSlot(address, 0) };
    });
    const broken = await import('../testing/bench');
    const { Confidentiality: Fresh } = await import('./confidentiality');
    vi.doUnmock('../core/stores');
    const bench = new broken.Bench({ technology: 'sev', memory: 2 ** 22, generation: 'naples' });
    bench.done(createGuest('alice'));
    const at = Number(
      bench.done({ type: 'guest.write', guest: 'alice', data: 'for nobody but Alice herself' }).at,
    );
    bench.done({ type: 'host.read', at: bench.spaOf('alice', at), length: 64, core: 1 });
    const monitor = new Fresh();
    for (const [index, change] of bench.changes.entries()) monitor.fold(change, index);
    expect(monitor.violations.map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(/^Xen saw a block of Alice’s private plaintext/),
    ]);
  });
});

describe('what SEV alone cannot hold turns red, too', () => {
  const leak = (actions: Acts): string[] => {
    const first: Action[] = [{ type: 'guest.write', guest: 'alice', data: 'the first of many secrets' }];
    const { bench } = watched({ technology: 'sev' }, first);
    const object = bench.state.need('guest', 1).objects.at(-1);
    const at = object?.address ?? 0;
    return watched({ technology: 'sev' }, [...first, ...(actions(bench.spaOf('alice', at), at) as Action[])])
      .secrets;
  };

  it('an accomplice that runs under the victim’s ASID', () => {
    const found = leak((spa, at) => [
      { type: 'host.vmcb', guest: 'bob', field: 'cr0', value: 1 },
      { type: 'host.vmcb', guest: 'bob', field: 'asid', value: 2 },
      { type: 'host.remap', guest: 'bob', gpa: at % 2 ** 20, to: spa },
      { type: 'guest.read', guest: 'bob', at: at % 2 ** 20 },
    ]);
    expect(found[0]).toMatch(/^Bob saw a block of Alice’s/);
  });

  it('a guest that sends what the hypervisor has put behind its address', () => {
    const found = leak((spa, at) => {
      const letter = at + 4 * PAGE_SIZE;
      return [
        { type: 'guest.write', guest: 'alice', at: letter, data: 'a letter to all the world' },
        { type: 'host.remap', guest: 'alice', gpa: letter % 2 ** 20, to: spa },
        send(letter),
      ];
    });
    expect(found[0]).toMatch(/^The device saw a block of Alice’s/);
  });

  it('a guest that is started without its SEV bit, on tables that do not need it', () => {
    const found = leak((spa, at) => [
      { type: 'host.vmcb', guest: 'alice', field: 'cr0', value: 1 },
      { type: 'host.vmcb', guest: 'alice', field: 'nestedControl', value: 1 },
      { type: 'guest.write', guest: 'alice', at: (at % 2 ** 20) + 4096, data: 'believed to be private' },
      { type: 'host.read', at: spa + 4096, length: 64 },
    ]);
    expect(found[0]).toMatch(/^Xen saw a block of Alice’s/);
  });
});

describe('integrity', () => {
  it('honest guests alone, and a hypervisor that only looks and flushes, never turn it red', () => {
    const looking = fc.oneof(
      deed({
        type: fc.constantFrom('host.read', 'device.read', 'probe.read'),
        at: frame,
        length: fc.constantFrom(64, 4096),
      }),
      actionFrom([
        'host.vmrun',
        'host.vmexit',
        'cpu.wbinvd',
        'cpu.clflush',
        'cpu.vmpage-flush',
        'cpu.tlb-flush',
      ]),
    );
    fc.assert(
      fc.property(
        config,
        fc.constantFrom('off', 'sme', 'sev', 'sev-es'),
        mixed(honest, looking),
        (part, technology, actions) => {
          expect(watched({ ...part, technology }, actions).contents).toEqual([]);
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
  });

  const broken = (hostileAct: Acts, part: PartialConfig = {}): string[] => {
    const first: Action[] = [{ type: 'guest.write', guest: 'alice', data: 'balance=1000 EUR, all mine' }];
    const { bench } = watched({ technology: 'sev', ...part }, first);
    const at = bench.state.need('guest', 1).objects.at(-1)?.address ?? 0;
    const then: Action[] = [{ type: 'guest.read', guest: 'alice', at, length: 32 }];
    const actions = [
      ...first,
      ...(hostileAct(bench.spaOf('alice', at), at) as Action[]),
      { type: 'cpu.wbinvd', core: 0 } as Action,
      ...then,
    ];
    return watched({ technology: 'sev', ...part }, actions).contents;
  };

  it.each<[string, Acts]>([
    ['a write of the host', (spa) => [{ type: 'host.write', at: spa, data: 'x' }]],
    ['a device', (spa) => [{ type: 'device.write', at: spa, data: 'x' }]],
    [
      'the wires, once the caches are empty',
      (spa) => [
        { type: 'cpu.wbinvd', core: 0 },
        { type: 'probe.write', at: spa, data: 'x' },
      ],
    ],
    ['a remap', (spa, at) => [{ type: 'host.remap', guest: 'alice', gpa: at % 2 ** 20, to: spa + 4096 }]],
  ])('turns red by %s', (_, act) => {
    expect(broken(act)[0]).toMatch(/^Alice read at 0x7f[0-9a-f]+ something that it did not write/);
  });

  it('and by a lost flush: INVD drops what was not written back', () => {
    expect(broken(() => [{ type: 'cpu.invd', core: 0 }], { writeBack: 'late' }).length).toBe(1);
  });

  it('stays green when the same bytes come back: replay is no lie to it', () => {
    expect(broken((spa) => [{ type: 'host.copy', from: spa, to: spa, c: '0' }])).toEqual([]);
  });
});
