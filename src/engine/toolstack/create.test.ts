import { describe, expect, it } from 'vitest';
import { stateDigest } from '../../history/digest';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { XEN_TREES } from '../core/config';
import { guestAccess } from '../guest/kernelAccess';
import { Bench } from '../testing/bench';
import { broken } from '../testing/invariants';
import { frameAt } from '../xen/frames';

describe('xl create', () => {
  it('goes from the file through the firmware to a guest that runs', () => {
    const bench = new Bench();
    const made = bench.done({ type: 'xl.create', config: 'alice.cfg' });
    expect(made).toMatchObject({ guest: 'alice', id: 1, asid: 2, sev: true, handle: 1 });
    expect(bench.state.need('handle', 1)).toMatchObject({ state: 'RUNNING', activation: 'active', asid: 2 });
    expect(bench.state.need('platform').sev).toBe('WORKING');
  });
});

describe('xl migrate', () => {
  const alice = { type: 'xl.create', config: 'alice.cfg', extra: 'memory=1 sev_policy=1' };

  it('takes what a guest wrote to the other host, where only the guest can read it', () => {
    const bench = new Bench();
    bench.done(alice);
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'balance=1000 EUR' });
    const gfn = (Number(at) - GUEST_BASE) / PAGE_SIZE;
    expect(bench.done({ type: 'xl.migrate', guest: 'alice' })).toMatchObject({ guest: 'alice', host: 'b' });
    expect(bench.state.cell('handle', 1)).toBe(null);
    const far = bench.machine.far();
    const moved = far.state.need('domain', 1);
    expect(far.state.need('handle', moved.handle ?? 0)).toMatchObject({ state: 'RUNNING' });
    const read = guestAccess(far, moved, 'read', Number(at), 16);
    expect(read.ok && new TextDecoder().decode(read.value)).toBe('balance=1000 EUR');
    const spa = (frameAt(moved.frames, gfn) ?? 0) * PAGE_SIZE;
    expect(new TextDecoder().decode(far.state.dram.read(spa, 16))).not.toBe('balance=1000 EUR');
  });

  it('is refused where the policy forbids it, and the guest goes on here', () => {
    const bench = new Bench();
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    expect(bench.refused({ type: 'xl.migrate', guest: 'alice' })).toMatch(/^asp\./);
    expect(bench.domain('alice').paused).toBe(false);
  });

  it('comes back to nothing when its changes are taken back', () => {
    const bench = new Bench();
    bench.done(alice);
    const mark = bench.changes.length;
    const before = stateDigest(bench.machine.config, bench.state);
    bench.done({ type: 'xl.migrate', guest: 'alice' });
    const after = stateDigest(bench.machine.config, bench.state);
    expect(after).not.toBe(before);
    const made = bench.changes.splice(mark);
    for (const change of made.toReversed()) bench.state.revert(change);
    expect(stateDigest(bench.machine.config, bench.state)).toBe(before);
    for (const change of made) bench.state.apply(change);
    expect(stateDigest(bench.machine.config, bench.state)).toBe(after);
  });
});

describe('the usual guest', () => {
  it.each(XEN_TREES)('is encrypted wherever Xen can, and runs everywhere (%s)', (xen) => {
    const bench = new Bench({ xen });
    const made = bench.done({ type: 'xl.create', config: 'alice.cfg' });
    expect(made.sev).toBe(xen !== 'upstream');
    bench.done({ type: 'guest.write', guest: 'alice', data: 'here I am' });
    expect([...broken(bench.machine)]).toEqual([]);
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it('that crashes at its start is not scheduled, and may be unpaused again', () => {
    const bench = new Bench();
    bench.done({ type: 'xl.create', config: 'alice.cfg', paused: true });
    expect(bench.refused({ type: 'guest.write', guest: 'alice', data: 'too early' })).toBe('domain.paused');
    bench.done({ type: 'host.vmcb', guest: 'alice', field: 'asid', value: 0 });
    bench.perform({ type: 'xl.unpause', guest: 'alice' });
    expect(bench.domain('alice').paused).toBe(true);
    expect(bench.refused({ type: 'guest.write', guest: 'alice', data: 'too early' })).toBe('domain.paused');
    bench.done({ type: 'host.vmcb', guest: 'alice', field: 'asid', value: 2 });
    bench.done({ type: 'xl.unpause', guest: 'alice' });
    bench.done({ type: 'guest.write', guest: 'alice', data: 'at last' });
  });
});
