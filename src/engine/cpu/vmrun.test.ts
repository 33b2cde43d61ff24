import { describe, expect, it } from 'vitest';
import type { PartialConfig } from '../config';
import { Bench } from '../testing/bench';
import { createGuest } from '../testing/guests';
import { broken } from '../testing/invariants';
import { CR0_PE, CR0_PG, NP_ENABLE, readVmcb, SEV_ENABLE, type VmcbField, VTE_ENABLE } from './vmcb';
import { VMRUN_RULES } from './vmrunChecks';

function alice(part: PartialConfig = {}, sev = true): Bench {
  const bench = new Bench(part);
  bench.done(createGuest('alice', 1, sev));
  return bench;
}

const edit = (bench: Bench, field: VmcbField, value: bigint) =>
  bench.done({ type: 'host.vmcb', guest: 'alice', field, value: Number(value) });

const run = { type: 'host.vmrun', guest: 'alice' } as const;
const field = (bench: Bench, name: VmcbField) =>
  readVmcb(bench.machine, 0, bench.domain('alice').vmcbs[0] ?? 0, name);

describe('VMRUN refuses with VMEXIT_INVALID', () => {
  it.each([
    ['ASID 0', 'asid', 0n, VMRUN_RULES.asidZero],
    ['no EFER.SVME', 'efer', 0x500n, VMRUN_RULES.svme],
    ['an upper half of CR0', 'cr0', CR0_PE | (1n << 32n), VMRUN_RULES.cr0],
    ['an upper half of CR4', 'cr4', 1n << 40n, VMRUN_RULES.cr4],
    ['a CR3 beyond the guest’s width', 'cr3', 1n << 49n, VMRUN_RULES.cr3],
    ['an nCR3 beyond the reduced width', 'nestedCr3', 1n << 45n, VMRUN_RULES.nestedCr3],
    ['paging without long mode', 'efer', 0x1000n, VMRUN_RULES.legacy],
    ['long mode without PAE', 'cr4', 0n, VMRUN_RULES.longMode],
    ['long mode without protection', 'cr0', CR0_PG, VMRUN_RULES.longMode],
    ['SEV without nested paging', 'nestedControl', SEV_ENABLE, VMRUN_RULES.nestedPaging],
    ['an ASID above ECX', 'asid', 510n, VMRUN_RULES.asidLimit],
    ['an ASID without a key', 'asid', 7n, VMRUN_RULES.keyLoaded],
    ['SEV-ES without LBR virtualization', 'nestedControl', NP_ENABLE | SEV_ENABLE | 4n, VMRUN_RULES.es],
    ['SEV-ES without SEV', 'nestedControl', NP_ENABLE | 4n, VMRUN_RULES.es],
  ] as const)('%s', (_, name, value, rule) => {
    const bench = alice();
    edit(bench, name, value);
    const outcome = bench.perform(run);
    expect(outcome).toMatchObject({ ok: false, fault: { name: 'VMEXIT_INVALID', rule: { id: rule.id } } });
    expect(field(bench, 'exitCode')).toBe(2n ** 64n - 1n);
    expect(bench.state.need('core').domain).toBe(null);
    expect(bench.refused({ type: 'guest.read', guest: 'alice', at: 0 })).toBe(rule.id);
  });

  it('an ASID below EDX', () => {
    const bench = alice();
    bench.done({ type: 'machine.cpuid', ecx: 509, edx: 10 });
    bench.done({ type: 'host.vmexit', core: 1 });
    expect(bench.refused(run)).toBe(VMRUN_RULES.asidFloor.id);
    bench.done({ type: 'machine.cpuid', ecx: 509, edx: 1 });
    bench.done(run);
  });

  it.each(['SHUTDOWN', 'DEACTIVATE'])('an ASID that %s took back behind Xen’s back', (command) => {
    const bench = alice();
    bench.done({ type: 'host.vmexit', core: bench.domain('alice').core });
    bench.done({ type: 'asp.command', command, fields: command === 'DEACTIVATE' ? 'HANDLE=1' : '' });
    expect([...broken(bench.machine)]).toHaveLength(1);
    expect([...broken(bench.machine, { driver: true })]).toEqual([]);
    expect(bench.refused(run)).toBe(VMRUN_RULES.asidInvalid.id);
    bench.perform({ type: 'asp.command', command: 'INIT' });
    expect(bench.refused(run)).toBe(VMRUN_RULES.asidInvalid.id);
  });

  it('SEV-ES without a VMSA', () => {
    const bench = alice();
    edit(bench, 'lbrControl', 1n);
    edit(bench, 'nestedControl', NP_ENABLE | SEV_ENABLE | 4n);
    expect(bench.refused(run)).toBe(VMRUN_RULES.checksum.id);
    edit(bench, 'vmsa', 0x123n);
    expect(bench.refused(run)).toBe(VMRUN_RULES.vmsaAddress.id);
  });
});

describe('VMRUN lets pass', () => {
  it('a C-bit in CR3 and nCR3', () => {
    const bench = alice({ sme: 'full' });
    expect((field(bench, 'nestedCr3') >> 51n) & 1n).toBe(1n);
    edit(bench, 'cr3', 0x1000n | (1n << 51n));
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'still here' });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at: Number(at), length: 10 }).text).toBe(
      'still here',
    );
  });

  it('the SEV bits where encryption is off, and ignores them', () => {
    const bench = alice({ technology: 'off' }, false);
    edit(bench, 'nestedControl', NP_ENABLE | SEV_ENABLE | 4n);
    bench.done(run);
    expect(bench.state.need('core')).toMatchObject({ sev: false, nestedPaging: true });
    const facts = bench.changes.flatMap((change) => (change.store === 'fact' ? [change.rule?.id] : []));
    expect(facts).toContain(VMRUN_RULES.ignored.id);
  });

  it('VTE, without SEV to no effect', () => {
    const bench = alice({}, false);
    edit(bench, 'nestedControl', NP_ENABLE | VTE_ENABLE);
    bench.done(run);
    expect(bench.state.need('core')).toMatchObject({ sev: false, vte: false });
  });
});

describe('a guest without nested paging', () => {
  it('runs on tables of the hypervisor: their addresses are system physical, their C-bits the hypervisor’s', () => {
    const bench = alice({}, false);
    const { at } = bench.done({
      type: 'guest.write',
      guest: 'alice',
      data: 'through the guest’s own tables',
    });
    const spa = bench.spaOf('alice', Number(at));
    const { hostRoot } = bench.state.need('xen');
    edit(bench, 'nestedControl', 0n);
    edit(bench, 'cr3', BigInt(hostRoot));
    expect(bench.done({ type: 'guest.read', guest: 'alice', at: spa, length: 7 }).text).toBe('through');
    bench.done({ type: 'host.write', at: spa, data: 'with C = 1', c: '1' });
    expect(bench.done({ type: 'guest.read', guest: 'alice', at: 2 ** 45 + spa, length: 10 }).text).toBe(
      'with C = 1',
    );
  });
});

describe('#VMEXIT', () => {
  it('stores why, and the guest’s mode, into the VMCB', () => {
    const bench = alice();
    bench.done({ type: 'host.vmexit', core: 1 });
    expect(field(bench, 'exitCode')).toBe(0x60n);
    expect([field(bench, 'cr0'), field(bench, 'cr4'), field(bench, 'efer')]).toEqual([
      CR0_PE | CR0_PG,
      0x20n,
      0x1500n,
    ]);
    expect(field(bench, 'cr3')).toBe(0x1000n);
    bench.done({ type: 'guest.paging', guest: 'alice', on: false });
    bench.done({ type: 'host.vmexit', core: 1 });
    expect([field(bench, 'cr0'), field(bench, 'cr4'), field(bench, 'efer')]).toEqual([CR0_PE, 0n, 0x1000n]);
  });

  it.each([
    ['read', { type: 'guest.read', at: 0x10_0000, length: 1 }, 2 ** 32 + 4],
    ['write', { type: 'guest.write', at: 0x10_0000, data: 'x' }, 2 ** 32 + 6],
    ['fetch', { type: 'guest.run', at: 0x10_0000 }, 2 ** 32 + 20],
  ])('tells the hypervisor of a nested fault on a %s', (_, action, info) => {
    const bench = alice();
    bench.done({ type: 'guest.paging', guest: 'alice', on: false });
    expect(bench.refused({ ...action, guest: 'alice' })).toBe('paging.not-present');
    expect(bench.state.need('core', 1).domain).toBe(null);
    expect([field(bench, 'exitCode'), field(bench, 'exitInfo1'), field(bench, 'exitInfo2')]).toEqual([
      0x400n,
      BigInt(info),
      0x10_0000n,
    ]);
  });

  it('marks a fault on a table of the guest as one, and as a write', () => {
    const bench = alice();
    bench.done({ type: 'host.remap', guest: 'alice', gpa: 0x1000, to: 2 ** 50 });
    bench.refused({ type: 'guest.read', guest: 'alice', at: 0x7f00_0000_0000 });
    expect(field(bench, 'exitInfo1')).toBe(BigInt(2 ** 33 + 1 + 2 + 4 + 8));
    expect(field(bench, 'exitInfo2')).toBe(0x1000n + 254n * 8n);
  });
});
