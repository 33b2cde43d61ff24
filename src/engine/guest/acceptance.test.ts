import { describe, expect, it } from 'vitest';
import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { authoritative } from '../rmp/table';
import { Bench } from '../testing/bench';
import { frameAt } from '../xen/frames';
import { wantsLazy } from './lazy';

/** What an SNP guest accepts, when, and what it does when a page is not what it accepted. */

const MIB = 2 ** 20;
const LAZY = 'cmdline="console=hvc0 accept_memory=lazy"';

function alice(extra: string): Bench {
  const bench = new Bench({ technology: 'sev-snp', memory: 64 * MIB });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra });
  return bench;
}

const spaAt = (bench: Bench, gpa: number): number =>
  (frameAt(bench.domain('alice').frames, gpa / PAGE_SIZE) ?? 0) * PAGE_SIZE;
const entryAt = (bench: Bench, gpa: number) => authoritative(bench.machine, spaAt(bench, gpa));

/** The units of 2 MiB in which every page is validated or shared. */
function unitsAccepted(bench: Bench): number[] {
  const { memory, id } = bench.domain('alice');
  const { shared } = bench.state.need('guest', id);
  const taken = (gpa: number) => entryAt(bench, gpa)?.validated === true || shared.includes(gpa / PAGE_SIZE);
  return Array.from({ length: memory / LARGE_PAGE_SIZE }, (_, unit) => unit).filter((unit) =>
    Array.from({ length: 512 }, (_, page) => unit * LARGE_PAGE_SIZE + page * PAGE_SIZE).every(taken),
  );
}

/** Rules of the faults that were recorded since. */
const faults = (bench: Bench, from: number): string[] =>
  bench.changes
    .slice(from)
    .flatMap((change) =>
      change.store === 'fact' && change.what === 'fault' && change.rule ? [change.rule.id] : [],
    );

const secret = (bench: Bench) =>
  Number(bench.done({ type: 'guest.write', guest: 'alice', name: 'note', data: 'sixteen letters.' }).at);
const read = (at: number) => ({ type: 'guest.read', guest: 'alice', at, length: 16 });

describe('accept_memory=', () => {
  it.each([
    ['', false],
    ['accept_memory=lazy', true],
    ['quiet accept_memory=lazy swiotlb=force', true],
    ['accept_memory=lazy accept_memory=eager', false],
    ['accept_memory=lazyish', false],
    ['no_accept_memory=lazy', false],
  ])('“%s”: lazy %s', (cmdline, lazy) => expect(wantsLazy(cmdline)).toBe(lazy));
});

describe('a kernel that accepts eagerly', () => {
  it('has accepted all of its memory when it has booted, and remembers it', () => {
    const bench = alice('memory=8');
    expect(unitsAccepted(bench)).toEqual([0, 1, 2, 3]);
    const { accepted, shared, unaccepted } = bench.state.need('guest', 1);
    expect(unaccepted).toBeUndefined();
    expect(accepted?.reduce((pages, [, count]) => pages + count, 0)).toBe(2048 - shared.length);
  });

  it('forgets a page that it shares, and remembers it again', () => {
    const bench = alice('memory=1');
    const at = secret(bench);
    const page = (at - GUEST_BASE) / PAGE_SIZE;
    const remembered = () =>
      bench.state.need('guest', 1).accepted?.some(([first, count]) => page >= first && page < first + count);
    bench.done({ type: 'guest.convert', guest: 'alice', at, to: 'shared' });
    expect(remembered()).toBe(false);
    bench.done({ type: 'guest.convert', guest: 'alice', at, to: 'private' });
    expect(remembered()).toBe(true);
    expect(entryAt(bench, at - GUEST_BASE)?.validated).toBe(true);
  });
});

describe('a kernel that accepts lazily', () => {
  it('boots with the first 2 MiB, in which it works, and accepts the others before it uses them', () => {
    const bench = alice(`memory=8 ${LAZY}`);
    expect(unitsAccepted(bench)).toEqual([0]);
    expect(entryAt(bench, LARGE_PAGE_SIZE)).toMatchObject({ assigned: true, validated: false });
    const from = bench.changes.length;
    bench.done({ type: 'guest.write', guest: 'alice', at: GUEST_BASE + 5 * MIB, data: 'first use' });
    expect(unitsAccepted(bench)).toEqual([0, 2]);
    expect(faults(bench, from)).toEqual([]);
    expect(bench.done(read(GUEST_BASE + 5 * MIB))).toMatchObject({
      text: expect.stringContaining('first use'),
    });
    expect(bench.state.need('guest', 1).unaccepted).toEqual([
      [1, 1],
      [3, 1],
    ]);
  });

  it('accepts what it hands out, over a boundary too', () => {
    const bench = alice(`memory=8 ${LAZY}`);
    const { nextData } = bench.state.need('guest', 1);
    const bytes = new Uint8Array(LARGE_PAGE_SIZE - nextData + PAGE_SIZE).fill(7);
    bench.blobs.set('b', bytes);
    bench.done({ type: 'guest.load', guest: 'alice', blob: 'b', name: 'file' });
    expect(unitsAccepted(bench)).toEqual([0, 1]);
  });

  it('shares a page of memory that it had not accepted', () => {
    const bench = alice(`memory=8 ${LAZY}`);
    bench.done({ type: 'guest.convert', guest: 'alice', at: GUEST_BASE + 6 * MIB, to: 'shared' });
    expect(entryAt(bench, 6 * MIB)?.assigned).toBe(false);
    expect(unitsAccepted(bench)).toEqual([0, 3]);
  });

  it('leaves memory that comes later for later', () => {
    const bench = alice(`memory=2 ${LAZY}`);
    bench.done({ type: 'guest.grow', guest: 'alice', memory: 2 * MIB });
    expect(unitsAccepted(bench)).toEqual([0]);
    bench.done({ type: 'guest.write', guest: 'alice', at: GUEST_BASE + 3 * MIB, data: 'used' });
    expect(unitsAccepted(bench)).toEqual([0, 1]);
  });

  it('does not accept from its #VC handler: a program that runs ahead is the end', () => {
    const bench = alice(`memory=8 ${LAZY}`);
    const text = `mov rbx, 0x${(GUEST_BASE + 4 * MIB).toString(16)}\nmov rax, [rbx]\nhlt`;
    bench.done({ type: 'guest.program', guest: 'alice', text });
    const from = bench.changes.length;
    const ended = bench.perform({ type: 'guest.continue', guest: 'alice' });
    expect(ended).toMatchObject({ ok: false, fault: { name: 'shutdown', rule: { id: 'ghcb.terminated' } } });
    expect(faults(bench, from)).toEqual(['rmp.validated', 'guest.not-accepted', 'ghcb.terminated']);
    expect(bench.domain('alice').paused).toBe(true);
  });
});

describe('a page that was accepted and raises #VC 0x404', () => {
  /** Xen has another page of its own ready for the GPA, with the right owner and address. */
  function replaced(checks: boolean, extra = 'memory=1'): { bench: Bench; at: number; other: number } {
    const bench = alice(extra);
    const at = secret(bench);
    bench.done({ type: 'guest.handler', guest: 'alice', checks, shares: 'needed' });
    const gpa = at - GUEST_BASE;
    const [first = 0] = bench.state.need('xen').free.at(-1) ?? [];
    const other = first * PAGE_SIZE;
    bench.done({ type: 'host.write', at: other, data: 'planted by xen..' });
    bench.done({ type: 'host.rmpupdate', at: other, assigned: true, guest: 'alice', gpa });
    bench.done({ type: 'host.remap', guest: 'alice', gpa, to: other });
    return { bench, at, other };
  }

  it('is the end of a kernel that checks', () => {
    const { bench, at } = replaced(true);
    const from = bench.changes.length;
    expect(bench.refused(read(at))).toBe('ghcb.terminated');
    expect(faults(bench, from)).toEqual(['rmp.validated', 'guest.accepted-before', 'ghcb.terminated']);
    expect(bench.domain('alice').paused).toBe(true);
    expect(bench.refused(read(at))).toBe('domain.paused');
  });

  it('is validated again by a careless one, which CF = 0 allows: then two pages are valid for one address', () => {
    const { bench, at, other } = replaced(false);
    const spa = bench.spaOf('alice', at);
    const seen = bench.done(read(at));
    expect(seen.text).not.toBe('sixteen letters.');
    for (const page of [spa, other])
      expect(authoritative(bench.machine, page)).toMatchObject({ validated: true, gpa: at - GUEST_BASE });
    bench.done({ type: 'guest.write', guest: 'alice', at, data: 'newer letters...' });
    bench.done({ type: 'host.remap', guest: 'alice', gpa: at - GUEST_BASE, to: spa });
    expect(bench.done(read(at))).toMatchObject({ text: 'sixteen letters.' });
  });

  it.each([true, false])('raised by a program: checks %s', (checks) => {
    const { bench, at } = replaced(checks);
    const text = `mov rbx, 0x${at.toString(16)}\nmov rax, [rbx]\nhlt`;
    bench.done({ type: 'guest.program', guest: 'alice', text });
    const from = bench.changes.length;
    const ended = bench.perform({ type: 'guest.continue', guest: 'alice' });
    if (checks) expect(faults(bench, from)).toContain('guest.accepted-before');
    else expect(ended).toMatchObject({ ok: true, value: { stopped: 'HLT', instructions: 4 } });
  });

  it('raised by a fetch is the kernel’s affair, too', () => {
    const bench = alice('memory=1');
    bench.done({ type: 'guest.program', guest: 'alice', text: 'nop\nhlt' });
    const { address = 0 } = bench.state.need('guest', 1).program ?? {};
    const gpa = address - GUEST_BASE;
    bench.done({ type: 'host.rmpupdate', at: spaAt(bench, gpa), assigned: false });
    bench.done({ type: 'host.rmpupdate', at: spaAt(bench, gpa), assigned: true, guest: 'alice', gpa });
    const from = bench.changes.length;
    expect(bench.refused({ type: 'guest.continue', guest: 'alice' })).toBe('ghcb.terminated');
    expect(faults(bench, from)).toContain('guest.accepted-before');
  });
});
