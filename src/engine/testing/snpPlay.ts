import fc from 'fast-check';
import type { Action } from '../actions';
import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import type { Json } from '../core/json';
import { actionFrom } from './arbitrary';
import { Bench } from './bench';

/** Two SNP guests of 64 MiB, whose memory above 2 MiB is mapped and accepted in large pages, and a hypervisor that tries everything. */
const SNP_GUESTS = ['alice', 'bob'] as const;

const MIB = 2 ** 20;
/** Guest pages that the play is about: some of those mapped in 4 KiB, and some in 2 MiB. */
const PAGES = [40, 41, 42, 1024, 1025, 1535];

export function snpTable(): Bench {
  const bench = new Bench({ technology: 'sev-snp', memory: 256 * MIB });
  for (const guest of SNP_GUESTS)
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: `name="${guest}" memory=64` });
  return bench;
}

/** An action of these fields. */
const deed = (fields: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Action> =>
  fc.record(fields).map((args) => args as Action);
const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const guest = one<Json>(...SNP_GUESTS);
const page = one(...PAGES);
const at = page.map((number): Json => GUEST_BASE + number * PAGE_SIZE);
const gpa = page.map((number): Json => number * PAGE_SIZE);
/** Random, so that nobody writes the same by chance. */
const secret = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((bytes): Json => `hex:${toHex(bytes)}`);

/** What the guests do: they validate a GPA only when they have given it up before. */
const honest: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: deed({ type: one('guest.write'), guest, at, data: secret }) },
  { weight: 8, arbitrary: deed({ type: one('guest.read'), guest, at, length: one(16, 4096) }) },
  { weight: 2, arbitrary: deed({ type: one('guest.convert'), guest, at, to: one('shared', 'private') }) },
);

/** What the hypervisor and its devices do; probes only look: who writes on the wires passes the RMP by. */
const hostileOn = (bench: Bench): fc.Arbitrary<Action> => {
  const frames = SNP_GUESTS.flatMap((name) =>
    PAGES.map((number) => bench.spaOf(name, GUEST_BASE + number * PAGE_SIZE)),
  );
  const free = (bench.state.need('xen').free[0]?.[0] ?? 0) * PAGE_SIZE;
  const context = bench.domain('alice').context ?? 0;
  const spa = fc.oneof(
    { weight: 8, arbitrary: one(...frames) },
    { weight: 2, arbitrary: one(free, free + PAGE_SIZE, context, bench.domain('bob').vmsas[0] ?? 0) },
  );
  const inside = fc.tuple(spa, one(0, 16, 64)).map(([first, offset]): Json => first + offset);
  const start = spa.map((address): Json => address);
  const head = spa.map((address): Json => address - (address % LARGE_PAGE_SIZE));
  const anyGpa = fc.oneof(
    { weight: 3, arbitrary: gpa },
    { weight: 1, arbitrary: one<Json>(0, 2 * MIB, 4 * MIB) },
  );
  const rarely = fc.nat(9).map((n): Json => n === 0);
  return fc.oneof(
    {
      weight: 6,
      arbitrary: deed({
        type: one('host.rmpupdate'),
        at: start,
        assigned: one(true),
        guest,
        gpa,
        immutable: rarely,
      }),
    },
    {
      weight: 2,
      arbitrary: deed({
        type: one('host.rmpupdate'),
        at: head,
        assigned: fc.boolean(),
        asid: one(0, 0, 2, 3),
        gpa: anyGpa,
        size: one('2M'),
        immutable: rarely,
      }),
    },
    { weight: 3, arbitrary: deed({ type: one('host.rmpupdate'), at: start, assigned: one(false) }) },
    { weight: 1, arbitrary: deed({ type: one('host.psmash'), at: head }) },
    { weight: 5, arbitrary: deed({ type: one('host.remap'), guest, gpa, to: start, flush: fc.boolean() }) },
    { weight: 3, arbitrary: deed({ type: one('host.write', 'device.write'), at: inside, data: secret }) },
    {
      weight: 1,
      arbitrary: deed({
        type: one('host.copy'),
        from: inside,
        to: inside,
        c: one('0', '1'),
        length: one(64),
      }),
    },
    {
      weight: 1,
      arbitrary: deed({
        type: one('host.read', 'device.read', 'probe.read'),
        at: inside,
        length: one(64, 4096),
      }),
    },
    { weight: 1, arbitrary: deed({ type: one('host.vmcb'), guest, field: one('asid'), value: one(2, 3) }) },
    {
      weight: 2,
      arbitrary: actionFrom([
        'host.vmrun',
        'host.vmexit',
        'host.nested-c',
        'cpu.wbinvd',
        'cpu.clflush',
        'cpu.tlb-flush',
        'device.assign',
      ]),
    },
  );
};

/** What a page goes through when somebody means harm: short stories, in which each step makes the next one possible. */
const storiesOn = (bench: Bench): fc.Arbitrary<Action[]> =>
  fc
    .record({
      victim: one(...SNP_GUESTS),
      number: page,
      other: page,
      data: fc.tuple(secret, secret, secret),
      large: fc.boolean(),
    })
    .chain(({ victim, number, other, data: [first, second, third], large }) => {
      const thief = victim === 'alice' ? 'bob' : 'alice';
      const [own, place] = [number * PAGE_SIZE, GUEST_BASE + number * PAGE_SIZE];
      const [spa, elsewhere] = [
        bench.spaOf(victim, place),
        bench.spaOf(victim, GUEST_BASE + other * PAGE_SIZE),
      ];
      const [head, headGpa] = [spa - (spa % LARGE_PAGE_SIZE), own - (own % LARGE_PAGE_SIZE)];
      const of = { guest: victim, at: place };
      const taken: Action = large
        ? { type: 'host.rmpupdate', at: head, assigned: false, size: '2M' }
        : { type: 'host.rmpupdate', at: spa, assigned: false };
      const given: Action = large
        ? { type: 'host.rmpupdate', at: head, assigned: true, guest: victim, gpa: headGpa, size: '2M' }
        : { type: 'host.rmpupdate', at: spa, assigned: true, guest: victim, gpa: own };
      const write: Action = { type: 'guest.write', ...of, data: first };
      const read: Action = { type: 'guest.read', ...of, length: 16 };
      return one<Action[]>(
        [write, taken, { type: 'host.write', at: spa, data: second }, given, read],
        [write, { type: 'host.write', at: spa, data: second }, read],
        [
          write,
          { type: 'device.assign', guest: victim },
          { type: 'device.write', at: own, data: second },
          read,
        ],
        [
          write,
          { type: 'guest.write', guest: victim, at: GUEST_BASE + other * PAGE_SIZE, data: third },
          { type: 'host.remap', guest: victim, gpa: own, to: elsewhere },
          read,
          { type: 'host.remap', guest: victim, gpa: own, to: spa },
          read,
        ],
        [
          write,
          { type: 'host.remap', guest: thief, gpa: own, to: spa },
          { type: 'guest.read', guest: thief, at: place, length: 16 },
          { type: 'guest.write', guest: thief, at: place, data: third },
          read,
        ],
        [write, { ...given, immutable: true }, taken, { ...given, guest: thief }, read],
        [write, { type: 'host.psmash', at: head }, read, taken, given, read],
      );
    });

/** Long plays: what is done to a page meets what its guest has made of it. */
export const snpPlays = (bench: Bench): fc.Arbitrary<Action[]> => {
  const single = (action: Action): Action[] => [action];
  return fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: honest.map(single) },
        { weight: 4, arbitrary: hostileOn(bench).map(single) },
        { weight: 1, arbitrary: storiesOn(bench) },
      ),
      { minLength: 40, maxLength: 100, size: 'max' },
    )
    .map((parts) => parts.flat());
};
