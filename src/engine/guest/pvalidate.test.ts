import { describe, expect, it } from 'vitest';
import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { authoritative } from '../rmp/table';
import { Bench } from '../testing/bench';
import { frameAt } from '../xen/frames';

const MIB = 2 ** 20;
/** Alice with 64 MiB, which the RMP and the nested tables have in 2 MiB but where she was launched. */
function alice(): Bench {
  const bench = new Bench({ technology: 'sev-snp', memory: 160 * MIB });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=64' });
  return bench;
}

const spaAt = (bench: Bench, gpa: number): number =>
  (frameAt(bench.domain('alice').frames, gpa / PAGE_SIZE) ?? 0) * PAGE_SIZE;
const entryAt = (bench: Bench, gpa: number) => authoritative(bench.machine, spaAt(bench, gpa));
const remembered = (bench: Bench, gpa: number): boolean =>
  bench.state
    .need('guest', 1)
    .accepted?.some(([first, count]) => gpa / PAGE_SIZE >= first && gpa / PAGE_SIZE < first + count) ?? false;

const LARGE_AT = 8 * LARGE_PAGE_SIZE;
const pvalidate = (gpa: number, rest: object = {}) => ({
  type: 'guest.pvalidate' as const,
  guest: 'alice',
  at: GUEST_BASE + gpa,
  ...rest,
});
const touch = (gpa: number) => ({ type: 'guest.read', guest: 'alice', at: GUEST_BASE + gpa, length: 16 });
/** SIZEM in EXITINFO1. */
const sizeBit = (value: unknown): boolean => Math.floor(Number(value) / 2 ** 35) % 2 === 1;

describe('PVALIDATE by a guest’s kernel', () => {
  it('gives up a large page and accepts it again, once each; the kernel remembers', () => {
    const bench = alice();
    const large = { size: '2M' };
    expect(bench.done(pvalidate(LARGE_AT, large))).toEqual({ eax: 0, carry: true });
    expect(bench.done(pvalidate(LARGE_AT, { ...large, validated: false }))).toEqual({ eax: 0, carry: false });
    expect(entryAt(bench, LARGE_AT)).toMatchObject({ large: true, validated: false });
    expect([remembered(bench, LARGE_AT), remembered(bench, LARGE_AT + MIB)]).toEqual([false, false]);
    expect(bench.done(pvalidate(LARGE_AT, { ...large, validated: false }))).toEqual({ eax: 0, carry: true });
    expect(bench.done(pvalidate(LARGE_AT, large))).toEqual({ eax: 0, carry: false });
    expect(remembered(bench, LARGE_AT + MIB)).toBe(true);
    bench.done(touch(LARGE_AT));
  });

  it('leaves the bytes as they are', () => {
    const bench = alice();
    bench.done({ type: 'guest.write', guest: 'alice', at: GUEST_BASE + LARGE_AT, data: 'sixteen letters.' });
    const before = bench.dram(spaAt(bench, LARGE_AT), 16).slice();
    bench.done(pvalidate(LARGE_AT, { size: '2M', validated: false }));
    bench.done(pvalidate(LARGE_AT, { size: '2M' }));
    expect(bench.dram(spaAt(bench, LARGE_AT), 16)).toEqual(before);
    expect(bench.done(touch(LARGE_AT))).toMatchObject({ text: 'sixteen letters.' });
  });

  it('of 2 MiB needs an address of 2 MiB', () => {
    expect(alice().refused(pvalidate(LARGE_AT + PAGE_SIZE, { size: '2M' }))).toBe('rmp.guest-aligned');
  });

  it('of a page that is not the guest’s is a nested page fault', () => {
    const bench = alice();
    const spa = spaAt(bench, PAGE_SIZE * 100);
    bench.done({ type: 'host.rmpupdate', at: spa, assigned: false });
    expect(bench.refused(pvalidate(PAGE_SIZE * 100))).toBe('rmp.guest-owned');
  });
});

describe('2 MiB and 4 KiB', () => {
  const missing = (outcome: ReturnType<Bench['perform']>) => (outcome.ok ? null : outcome.fault);

  it('an access through 2 MiB to a page of 2 MiB is allowed', () => {
    const bench = alice();
    expect(entryAt(bench, LARGE_AT)).toMatchObject({ large: true, validated: true });
    bench.done(touch(LARGE_AT + 5 * PAGE_SIZE));
  });

  it('PSMASH keeps what was accepted; through 2 MiB the pieces are a size mismatch, through 4 KiB they are there', () => {
    const bench = alice();
    bench.done({ type: 'host.psmash', at: spaAt(bench, LARGE_AT) });
    expect(entryAt(bench, LARGE_AT + PAGE_SIZE)).toMatchObject({
      large: false,
      validated: true,
      gpa: LARGE_AT + PAGE_SIZE,
    });
    const fault = missing(bench.perform(touch(LARGE_AT)));
    expect(fault).toMatchObject({ name: '#NPF', rule: { id: 'rmp.page-size' } });
    expect(fault?.inputs).toMatchObject({ exitInfo1: 0x5_8000_0005, exitInfo2: LARGE_AT });
    expect(sizeBit(fault?.inputs.exitInfo1)).toBe(false);
    bench.done({ type: 'host.remap', guest: 'alice', gpa: LARGE_AT, to: spaAt(bench, LARGE_AT) });
    bench.done(touch(LARGE_AT));
    bench.done(touch(LARGE_AT + 7 * PAGE_SIZE));
  });

  it('an access through 2 MiB to pages of 4 KiB that were assigned one by one is a size mismatch before it is one of validation', () => {
    const bench = alice();
    const spa = spaAt(bench, LARGE_AT);
    bench.done({ type: 'host.rmpupdate', at: spa, assigned: false, size: '2M' });
    bench.done({ type: 'host.rmpupdate', at: spa, assigned: true, guest: 'alice', gpa: LARGE_AT });
    expect(entryAt(bench, LARGE_AT)).toMatchObject({ large: false, validated: false });
    expect(bench.refused(touch(LARGE_AT))).toBe('rmp.page-size');
  });

  it('an access through 4 KiB to a page of 2 MiB is a size mismatch', () => {
    const bench = alice();
    const spa = spaAt(bench, LARGE_AT);
    bench.done({ type: 'host.remap', guest: 'alice', gpa: LARGE_AT, to: spa });
    expect(bench.refused(touch(LARGE_AT))).toBe('rmp.page-size');
    bench.done({ type: 'host.psmash', at: spa });
    bench.done(touch(LARGE_AT));
  });

  it('PVALIDATE of 4 KiB in 2 MiB is #NPF with SIZEM, which Xen mends with PSMASH; the instruction is executed again', () => {
    const bench = alice();
    const from = bench.changes.length;
    expect(bench.done(pvalidate(LARGE_AT, { validated: false }))).toEqual({ eax: 0, carry: false });
    expect(entryAt(bench, LARGE_AT)).toMatchObject({ large: false, validated: false });
    expect(entryAt(bench, LARGE_AT + PAGE_SIZE)).toMatchObject({ large: false, validated: true });
    const faults = bench.changes
      .slice(from)
      .flatMap((change) => (change.store === 'fact' && change.what === 'fault' ? [change.rule?.id] : []));
    expect(faults).toEqual(['rmp.page-size']);
  });

  it('PVALIDATE of 2 MiB over pieces answers 6', () => {
    const bench = alice();
    bench.done({ type: 'host.psmash', at: spaAt(bench, LARGE_AT) });
    const fault = missing(bench.perform(pvalidate(LARGE_AT, { size: '2M' })));
    expect(fault).toMatchObject({
      name: 'FAIL_SIZEMISMATCH',
      rule: { id: 'rmp.guest-larger' },
      inputs: { eax: 6 },
    });
  });

  it('RMPUPDATE puts no piece into 2 MiB and no 2 MiB over pieces', () => {
    const bench = alice();
    const spa = spaAt(bench, LARGE_AT);
    const piece = {
      type: 'host.rmpupdate',
      at: spa + PAGE_SIZE,
      assigned: true,
      guest: 'alice',
      gpa: LARGE_AT + PAGE_SIZE,
    };
    expect(missing(bench.perform(piece))).toMatchObject({ name: 'FAIL_OVERLAP' });
    bench.done({ type: 'host.psmash', at: spa });
    const whole = {
      type: 'host.rmpupdate',
      at: spa,
      assigned: true,
      guest: 'alice',
      gpa: LARGE_AT,
      size: '2M',
    };
    expect(missing(bench.perform(whole))).toMatchObject({ name: 'FAIL_OVERLAP' });
  });
});
