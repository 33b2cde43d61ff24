import { describe, expect, it } from 'vitest';
import { launchDigest } from '../asp/snp/launchDigest';
import type { PartialConfig } from '../config';
import { GUEST_BASE, LARGE_PAGE_SIZE, PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import { VMSA_FIELDS } from '../cpu/vmsaFields';
import { pagesOfAsid } from '../rmp/counters';
import { pageState } from '../rmp/pageState';
import { authoritative, readEntry } from '../rmp/table';
import { brokenTable } from '../rmp/testing/invariants';
import { Bench } from '../testing/bench';
import { broken } from '../testing/invariants';
import { bootImage, placed } from '../toolstack/image';
import { snpRuns } from '../toolstack/snpImage';
import { consoleLines } from './console';
import { pageStateChange } from './exits/pageState';
import { countFrames, frameAt } from './frames';
import { vmsaAt } from './vmsa';

const MIB = 2 ** 20;
const snp = (part: PartialConfig = {}) => new Bench({ technology: 'sev-snp', ...part });
const create = (extra = 'memory=1', config = 'alice.cfg') => ({ type: 'xl.create', config, extra });
const CMDLINE = 'console=hvc0 swiotlb=force';
const entry = (bench: Bench, spa: number) => readEntry(bench.machine, spa);
const sound = (bench: Bench) => [...broken(bench.machine), ...brokenTable(bench.machine)];
const spaOf = (bench: Bench, guest: string, page: number) =>
  (frameAt(bench.domain(guest).frames, page) ?? 0) * PAGE_SIZE;

/** What the launch measures, worked out from the image alone. */
function expectedDigest(bench: Bench, vcpus: number): string {
  const domain = bench.domain('alice');
  const segments = placed(bench.machine, domain, bootImage(CMDLINE, false));
  const start = segments[1]?.gfn ?? 0;
  const registers = Array.from({ length: vcpus }, (_, vcpu) => {
    const bytes = vmsaAt(start * PAGE_SIZE + (vcpu === 0 ? 0 : 0x800));
    bytes[VMSA_FIELDS.sevFeatures.offset] = 1;
    const gpa = 0xffff_ffff_f000 + vcpu * PAGE_SIZE;
    return { what: 'VMSA', type: 'VMSA' as const, gpa, pages: 1, bytes };
  });
  return toHex(launchDigest([...snpRuns(bench.machine, domain, segments), ...registers]));
}

describe('an SNP guest', () => {
  it('beside one with SEV-ES has a context, an ASID below theirs, and runs', () => {
    const bench = snp();
    expect(bench.done(create())).toEqual({
      guest: 'alice',
      id: 1,
      asid: 2,
      memory: MIB,
      sev: true,
      snp: true,
    });
    expect(bench.done(create('memory=1', 'bob.cfg'))).toMatchObject({ asid: 3, es: true, handle: 1 });
    const { context, vmsas, policy, handle } = bench.domain('alice');
    expect([policy, handle]).toEqual([0x30000, null]);
    expect(pageState(entry(bench, context ?? 0))).toBe('Context');
    expect(bench.state.need('context', (context ?? 0) / PAGE_SIZE)).toMatchObject({
      state: 'RUNNING',
      asid: 2,
    });
    expect(bench.state.need('core', bench.domain('alice').core)).toMatchObject({ snp: true, vmpl: 0 });
    expect(entry(bench, vmsas[0] ?? 0)).toMatchObject({
      vmsa: true,
      validated: true,
      immutable: false,
      asid: 2,
      gpa: 0xffff_ffff_f000,
    });
    expect(sound(bench)).toEqual([]);
  });

  it.each([1, 3])('with %d vCPUs has the digest that its image gives', (vcpus) => {
    const bench = snp();
    bench.done(create(`memory=1 vcpus=${vcpus}`));
    expect(bench.domain('alice').launchDigest).toBe(expectedDigest(bench, vcpus));
  });

  it('owns each page of its memory in the RMP: launched, assigned, and accepted by its kernel', () => {
    const bench = snp();
    bench.done({ ...create(), paused: true });
    const { asid } = bench.domain('alice');
    const states = () =>
      Array.from({ length: MIB / PAGE_SIZE }, (_, page) =>
        pageState(entry(bench, spaOf(bench, 'alice', page))),
      );
    const launched = Array.from({ length: 8 }, () => 'Guest-Valid');
    expect(states()).toEqual([...launched, ...Array.from({ length: 248 }, () => 'Hypervisor')]);
    bench.done({ type: 'xl.unpause', guest: 'alice' });
    for (let page = 0; page < MIB / PAGE_SIZE; page++) {
      const shared = bench.state.need('guest', 1).shared.includes(page);
      const wanted = { assigned: !shared, asid: shared ? 0 : asid, gpa: shared ? 0 : page * PAGE_SIZE };
      expect(entry(bench, spaOf(bench, 'alice', page))).toMatchObject({
        ...wanted,
        validated: !shared,
        large: false,
        immutable: false,
      });
    }
    expect(pagesOfAsid(bench.machine, asid)).toBe(256 - 1 + 1);
    expect(sound(bench)).toEqual([]);
  });

  it('of 64 MiB has large pages, and small ones where it was launched; sharing splits one', () => {
    const bench = snp({ memory: 128 * MIB });
    bench.done(create('memory=64'));
    const head = (gpa: number) => authoritative(bench.machine, spaOf(bench, 'alice', gpa / PAGE_SIZE));
    expect([head(0)?.large, head(LARGE_PAGE_SIZE)?.large]).toEqual([false, true]);
    expect(head(LARGE_PAGE_SIZE)).toMatchObject({ validated: true, gpa: LARGE_PAGE_SIZE });
    const at = GUEST_BASE + 4 * MIB + 3 * PAGE_SIZE;
    bench.done({ type: 'guest.convert', guest: 'alice', to: 'shared', at });
    expect(pageState(head(4 * MIB + 3 * PAGE_SIZE))).toBe('Hypervisor');
    expect(head(4 * MIB + 4 * PAGE_SIZE)).toMatchObject({ large: false, validated: true });
    bench.done({ type: 'guest.write', guest: 'alice', at, data: 'for all' });
    bench.done({ type: 'guest.convert', guest: 'alice', to: 'private', at });
    expect(head(4 * MIB + 3 * PAGE_SIZE)).toMatchObject({ validated: true, gpa: 4 * MIB + 3 * PAGE_SIZE });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at, length: 7 })).toMatchObject({
      text: 'for all',
    });
    expect(sound(bench)).toEqual([]);
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    expect(pagesOfAsid(bench.machine, 2)).toBe(0);
  });

  it('keeps its memory from the host: ciphertext to read, #PF to write, #NPF for another guest', () => {
    const bench = snp();
    bench.done(create());
    bench.done(create('memory=1', 'bob.cfg'));
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'a secret of alice' }) as {
      at: number;
    };
    const spa = bench.spaOf('alice', at);
    const read = bench.done({ type: 'host.read', at: spa, length: 64 });
    expect(JSON.stringify(read)).not.toContain('secret');
    const written = bench.perform({ type: 'host.write', at: spa, data: 'from outside' });
    expect(written).toMatchObject({
      ok: false,
      fault: { name: '#PF', rule: { id: 'rmp.hypervisor-owned' } },
    });
    bench.done({ type: 'host.remap', guest: 'bob', gpa: 0x40000, to: spa, flush: true });
    const other = bench.perform({ type: 'guest.write', guest: 'bob', at: GUEST_BASE + 0x40000, data: 'x' });
    expect(other).toMatchObject({ ok: false, fault: { name: '#NPF', rule: { id: 'rmp.hypervisor-owned' } } });
    bench.done({ type: 'guest.write', guest: 'alice', data: 'still here', at });
  });

  it('shares pages for devices and PV rings, and grows', () => {
    const bench = snp();
    bench.done(create());
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'out it goes' }) as { at: number };
    bench.done({ type: 'guest.io', guest: 'alice', direction: 'send', via: 'bounce', at });
    bench.done({ type: 'pv.connect', guest: 'alice' });
    const direct = { type: 'guest.io', guest: 'alice', direction: 'receive', via: 'direct', at };
    expect(bench.perform(direct)).toMatchObject({ ok: false, fault: { name: 'IO_PAGE_FAULT' } });
    expect(bench.done({ type: 'guest.grow', guest: 'alice', memory: PAGE_SIZE })).toEqual({
      memory: 2 * MIB,
    });
    bench.done({ type: 'guest.write', guest: 'alice', at: GUEST_BASE + 2 * MIB - PAGE_SIZE, data: 'new' });
    expect(sound(bench)).toEqual([]);
  });

  it('registers its GHCB, and without that the hypervisor takes no request', () => {
    const bench = snp();
    bench.done(create('memory=1 vcpus=2'));
    const at = GUEST_BASE + 0x80000;
    bench.done({ type: 'guest.convert', guest: 'alice', to: 'shared', at });
    const [ghcb = 0] = bench.state.need('guest', 1).ghcbs ?? [];
    const { registered, ...vcpus } = bench.state.need('vcpus', 1);
    expect(registered).toEqual({ 0: ghcb - GUEST_BASE });
    bench.machine.trace.set('vcpus', 1, vcpus);
    const refused = bench.perform({ type: 'guest.convert', guest: 'alice', to: 'private', at });
    expect(refused).toMatchObject({ ok: false });
    expect(JSON.stringify(refused)).toContain('not registered');
  });

  it('asks by list: a list that does not fit or names no operation is refused where it stands', () => {
    const bench = snp();
    bench.done(create());
    const domain = bench.domain('alice');
    const asked = (first: number, end: number, entry: bigint) => {
      const bytes = new Uint8Array(2032);
      const view = new DataView(bytes.buffer);
      view.setUint16(0, first, true);
      view.setUint16(2, end, true);
      view.setBigUint64(8 + 8 * first, entry, true);
      const read = () => 0n;
      return pageStateChange(bench.machine, {
        domain,
        vcpu: 0,
        complex: 0,
        info1: 0n,
        info2: 0n,
        read,
        bytes,
      });
    };
    const shared = 0x80000n | (2n << 52n);
    expect(asked(0, 0, shared)).toMatchObject({ info2: 0n, bytes: Uint8Array.of(1, 0) });
    expect(asked(0, 253, shared)).toMatchObject({ info2: 0x1_0000_0001n });
    expect(asked(2, 1, shared)).toMatchObject({ info2: 0x1_0000_0001n });
    expect(asked(1, 1, 0x80000n)).toMatchObject({ info2: 0x1_0000_0002n, bytes: Uint8Array.of(1, 0) });
    expect(asked(0, 0, (2n ** 40n) | (1n << 52n))).toMatchObject({ info2: 0x100_0000_0000n });
  });
});

describe('the end of an SNP guest', () => {
  it('leaves every page the hypervisor’s, three times', () => {
    const bench = snp();
    const free = () => ['free', 'heap'].map((heap) => countFrames(bench.state.need('xen')[heap as 'free']));
    bench.done(create());
    const { frames, vmsas, context } = bench.domain('alice');
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    const before = free();
    for (const [first, count] of [
      ...frames,
      ...[...vmsas, context ?? 0].map((spa) => [spa / PAGE_SIZE, 1] as const),
    ])
      for (let frame = first; frame < first + count; frame++)
        expect(pageState(entry(bench, frame * PAGE_SIZE))).toBe('Hypervisor');
    for (let round = 0; round < 2; round++) {
      expect(bench.done(create())).toMatchObject({ asid: 2 });
      bench.done({ type: 'xl.destroy', guest: 'alice' });
      expect(pagesOfAsid(bench.machine, 2)).toBe(0);
      expect(free()).toEqual(before);
    }
    expect(bench.state.need('snp').guests).toBe(0);
    expect(sound(bench)).toEqual([]);
  });

  it('without SNP_DF_FLUSH leaves an ASID that the firmware gives to nobody', () => {
    const bench = snp();
    bench.done(create());
    bench.done({ type: 'xl.destroy', guest: 'alice', omit: 'df-flush' });
    const again = bench.perform(create());
    expect(again).toMatchObject({
      ok: false,
      fault: { message: expect.stringContaining('the ASID is dirty') },
    });
    expect(sound(bench)).toEqual([]);
  });

  it('puts a page out of use that the firmware does not give back', () => {
    const bench = snp();
    bench.done(create());
    const { context, asid } = bench.domain('alice');
    const spa = spaOf(bench, 'alice', 100);
    bench.done({ type: 'host.rmpupdate', at: spa, assigned: true, immutable: true });
    bench.done({
      type: 'asp.command',
      command: 'SNP_GCTX_CREATE',
      fields: `GCTX_PADDR=0x${spa.toString(16)}`,
    });
    expect(pageState(entry(bench, spa))).toBe('Context');
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    expect(consoleLines(bench.machine).join()).toContain('cannot be reclaimed, offlined: 1');
    expect(
      bench.state
        .need('xen')
        .free.some(([first, count]) => spa / PAGE_SIZE >= first && spa / PAGE_SIZE < first + count),
    ).toBe(false);
    expect([context === null, pagesOfAsid(bench.machine, asid)]).toEqual([false, 0]);
    expect([...broken(bench.machine)]).toEqual([]);
  });
});

describe('a creation that fails', () => {
  const failed: readonly (readonly [string, PartialConfig, string, string])[] = [
    ['a policy without bit 17', {}, 'memory=1 sev_policy=0x10000', 'POLICY_FAILURE'],
    ['a policy for newer firmware', {}, 'memory=1 sev_policy=0x3ffff', 'POLICY_FAILURE'],
    ['too much memory', {}, 'memory=64', 'refused'],
  ];

  it.each(failed)('for %s leaves nothing behind', (_, config, extra, why) => {
    const bench = snp(config);
    bench.done(create());
    bench.done({ type: 'xl.destroy', guest: 'alice' });
    const before = bench.state.need('xen');
    const outcome = bench.perform(create(extra));
    expect(JSON.stringify(outcome)).toContain(why);
    expect(bench.state.need('xen').free).toEqual(before.free);
    expect(countFrames(bench.state.need('xen').heap)).toBe(countFrames(before.heap));
    expect(sound(bench)).toEqual([]);
    bench.done(create());
  });

  it('for want of an ASID is refused by Xen, and of SNP by a platform without it', () => {
    const bench = snp({ memory: 32 * MIB });
    for (const name of ['alice', 'carol', 'dave', 'erin', 'frank'])
      bench.done(create('memory=1', `${name}.cfg`));
    for (const name of ['g1', 'g2', 'g3']) bench.done(create(`memory=1 name="${name}"`));
    expect(bench.refused(create('memory=1 name="g4"'))).toBe('domain.no-asid');
    expect(sound(bench)).toEqual([]);
    const rome = snp({ generation: 'rome' });
    expect(rome.refused(create('memory=1 sev_type="sev-snp"'))).toBe('xen.no-snp');
    expect(rome.done(create())).toMatchObject({ es: true });
  });

  it('is refused a session and a migration, with the reason', () => {
    const bench = snp();
    expect(bench.refused({ ...create(), session: true })).toBe('xl.snp-session');
    bench.done(create());
    expect(bench.refused({ type: 'xl.migrate', guest: 'alice' })).toBe('xl.migrate-snp');
  });
});

describe('the CPUID page', () => {
  it.each([
    ['milan', 0],
    ['genoa', 0],
    ['turin', 1],
  ] as const)('of %s is refused %d times and then taken', (generation, times) => {
    const bench = snp({ generation });
    bench.done(create());
    const refused = bench.changes.filter(
      (change) =>
        change.store === 'fact' &&
        change.what === 'check' &&
        (change.data as { check?: string }).check === 'asp.cpuid-page-values',
    );
    expect(refused).toHaveLength(times);
  });
});
