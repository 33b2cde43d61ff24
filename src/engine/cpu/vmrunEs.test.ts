import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_SIZE, PAGE_SIZE } from '../core/address';
import { toHex } from '../core/bytes';
import { OWNER_HYPERVISOR } from '../core/page';
import { asData, type Bench } from '../testing/bench';
import { ran, registers, withGuests } from '../testing/programs';
import { EVENT_TYPES, encodeEventInj } from './eventInj';
import { EXIT } from './exits';
import { readVmcb, type VmcbField, writeVmcb } from './vmcb';
import { VMRUN_RULES } from './vmrunChecks';
import { VMSA_CHECKED } from './vmsaFields';

/** Alice with a program in the middle, off her cores; the caches are empty, so that DRAM is what counts. */
function paused(extra = '', part = {}): Bench {
  const bench = withGuests(['alice'], extra, part);
  bench.done({ type: 'guest.program', guest: 'alice', text: 'mov rbx, 0x1234\nmov rcx, 0x5678\nhlt' });
  bench.done({ type: 'guest.step', guest: 'alice' });
  bench.done({ type: 'host.vmexit', core: 1 });
  for (const core of [0, 1, 2]) bench.done({ type: 'cpu.wbinvd', core });
  return bench;
}

const vmsaOf = (bench: Bench, vcpu = 0): number => bench.domain('alice').vmsas[vcpu] ?? 0;
const put = (bench: Bench, at: number, bytes: Uint8Array) =>
  bench.done({ type: 'host.write', at, data: asData(bytes), c: '0' });
const edit = (bench: Bench, field: VmcbField, value: bigint, vcpu = 0) =>
  writeVmcb(bench.machine, 0, bench.domain('alice').vmcbs[vcpu] ?? 0, field, value, OWNER_HYPERVISOR);
const enter = (bench: Bench, vcpu = 0) =>
  bench.perform({ type: 'xen.schedule', guest: 'alice', vcpu, core: 1 + vcpu });
const exitCode = (bench: Bench) =>
  readVmcb(bench.machine, 0, bench.domain('alice').vmcbs[0] ?? 0, 'exitCode');

function refusedBy(bench: Bench, vcpu = 0): string {
  const outcome = enter(bench, vcpu);
  if (outcome.ok) throw new Error('VMRUN went through');
  expect(outcome.fault.name).toBe('VMEXIT_INVALID');
  expect(bench.state.need('core', 1 + vcpu).domain).toBe(null);
  return outcome.fault.rule.id;
}

describe('VMRUN with SEV-ES looks at the control block', () => {
  const memory = 64 * 2 ** 20;
  it.each<[string, VmcbField, bigint, string]>([
    ['a pointer into the middle of a page', 'vmsa', 0x8_0008n, VMRUN_RULES.vmsaAddress.id],
    ['a pointer of one byte', 'vmsa', 1n, VMRUN_RULES.vmsaAddress.id],
    ['a pointer behind the memory', 'vmsa', BigInt(memory), VMRUN_RULES.vmsaAddress.id],
    ['a pointer with a C-bit', 'vmsa', 1n << 51n, VMRUN_RULES.vmsaAddress.id],
    ['a pointer beyond the reduced width', 'vmsa', 1n << 47n, VMRUN_RULES.vmsaAddress.id],
    ['a pointer to memory that is no VMSA', 'vmsa', 0x10_0000n, VMRUN_RULES.checksum.id],
    ['no LBR virtualization', 'lbrControl', 0n, VMRUN_RULES.es.id],
    ['no SEV bit', 'nestedControl', 5n, VMRUN_RULES.es.id],
    ['no nested paging', 'nestedControl', 6n, VMRUN_RULES.nestedPaging.id],
    ['ASID 0', 'asid', 0n, VMRUN_RULES.asidZero.id],
    ['an ASID without a key', 'asid', 7n, VMRUN_RULES.keyLoaded.id],
  ])('%s: VMEXIT_INVALID', (_, field, value, rule) => {
    const bench = paused('', { memory });
    const before = readVmcb(bench.machine, 0, bench.domain('alice').vmcbs[0] ?? 0, field);
    edit(bench, field, field === 'vmsa' && value === 1n << 51n ? before | value : value);
    expect(refusedBy(bench)).toBe(rule);
    expect(exitCode(bench)).toBe(BigInt.asUintN(64, BigInt(EXIT.INVALID)));
    edit(bench, field, before);
    expect(registers(bench, 'alice').rbx).toBe(0x1234n);
  });

  it('an ASID below EDX is one of its own: there guests without SEV-ES are refused', () => {
    const bench = withGuests(['alice', 'bob']);
    const minPlain = bench.state.need('cpuid').fn8000001f.edx;
    expect(bench.domain('alice').asid).toBeLessThan(minPlain);
    expect(bench.domain('bob').asid).toBeGreaterThanOrEqual(minPlain);
    edit(bench, 'nestedControl', 3n);
    bench.done({ type: 'host.vmexit', core: 1 });
    expect(refusedBy(bench)).toBe(VMRUN_RULES.asidFloor.id);
  });

  it('the SEV-ES bit needs a processor that has it', () => {
    const bench = paused();
    const { fn8000001f, ...rest } = bench.state.need('cpuid');
    const without = { ...fn8000001f, eax: fn8000001f.eax & ~8 };
    bench.machine.trace.set('cpuid', 0, { ...rest, fn8000001f: without });
    expect(refusedBy(bench)).toBe(VMRUN_RULES.esFeature.id);
  });

  it.each<[string, number, number, boolean]>([
    ['software interrupt 0x80', EVENT_TYPES.software, 0x80, false],
    ['software interrupt 3', EVENT_TYPES.software, 3, false],
    ['#BP', EVENT_TYPES.exception, 3, false],
    ['#OF', EVENT_TYPES.exception, 4, false],
    ['#UD', EVENT_TYPES.exception, 6, true],
    ['#PF', EVENT_TYPES.exception, 14, true],
    ['an interrupt with vector 3', EVENT_TYPES.interrupt, 3, true],
    ['an NMI', EVENT_TYPES.nmi, 2, true],
  ])('EVENTINJ of %s', (_, type, vector, enters) => {
    const bench = paused();
    const event = { valid: true, vector, type, errorCode: null };
    edit(bench, 'eventInj', encodeEventInj(event));
    expect(enter(bench).ok).toBe(enters);
    if (enters) return;
    expect(refusedBy(bench)).toBe('vmrun.es-injection');
    edit(bench, 'eventInj', encodeEventInj({ ...event, valid: false }));
    expect(enter(bench).ok).toBe(true);
  });
});

describe('the checksum of a VMSA', () => {
  it('covers 0x000 to 0xFBF: a byte changed there is found, and behind it nobody looks', () => {
    expect(VMSA_CHECKED).toBe(0xfc0);
    const bench = paused();
    const at = vmsaOf(bench);
    const page = bench.dram(at, PAGE_SIZE).slice();
    const offsets = fc.oneof(fc.nat(PAGE_SIZE - 1), fc.constantFrom(0, 0x388, 0xfaf, 0xfbf, 0xfc0, 0xfff));
    fc.assert(
      fc.property(offsets, fc.integer({ min: 1, max: 255 }), (offset, bits) => {
        put(bench, at + offset, Uint8Array.of((page[offset] ?? 0) ^ bits));
        if (offset < VMSA_CHECKED) expect(refusedBy(bench)).toBe(VMRUN_RULES.checksum.id);
        else expect(enter(bench).ok).toBe(true);
        bench.done({ type: 'host.vmexit', core: 1 });
        put(bench, at, page);
        expect(registers(bench, 'alice').rbx).toBe(0x1234n);
        bench.done({ type: 'host.vmexit', core: 1 });
        bench.done({ type: 'cpu.wbinvd', core: 1 });
        expect(toHex(bench.dram(at, VMSA_CHECKED))).toBe(toHex(page.subarray(0, VMSA_CHECKED)));
      }),
      { numRuns: 40, seed: 4 },
    );
  });

  it('defeats a whole old page: its checksum is not the last one', () => {
    const bench = paused();
    const old = bench.dram(vmsaOf(bench), PAGE_SIZE).slice();
    bench.done({ type: 'guest.step', guest: 'alice' });
    bench.done({ type: 'host.vmexit', core: 1 });
    bench.done({ type: 'cpu.wbinvd', core: 1 });
    const fresh = bench.dram(vmsaOf(bench), PAGE_SIZE).slice();
    expect(toHex(fresh)).not.toBe(toHex(old));
    put(bench, vmsaOf(bench), old);
    expect(refusedBy(bench)).toBe(VMRUN_RULES.checksum.id);
    put(bench, vmsaOf(bench), fresh);
    expect(registers(bench, 'alice')).toMatchObject({ rbx: 0x1234n, rcx: 0x5678n });
  });

  it('lies where neither cores nor devices reach', () => {
    const bench = paused();
    const { address, length } = bench.state.need('platform').tmr ?? { address: 0, length: 0 };
    const place = address + length / 2;
    for (const type of ['host.read', 'device.read'])
      expect(bench.perform({ type, at: place, length: 8 }).ok, type).toBe(false);
    expect(bench.perform({ type: 'host.write', at: place, data: 'x' }).ok).toBe(false);
  });
});

describe('VMSAs in one another’s place', () => {
  it('a copy of another vCPU’s page is noise there: the tweak is its address', () => {
    const bench = paused('vcpus=2');
    put(bench, vmsaOf(bench), bench.dram(vmsaOf(bench, 1), PAGE_SIZE));
    expect(refusedBy(bench)).toBe(VMRUN_RULES.checksum.id);
    expect(VMSA_CHECKED % BLOCK_SIZE).toBe(0);
  });

  it('pointers that change places within a guest are not found out: each page has its checksum', () => {
    const bench = paused('vcpus=2');
    bench.done({ type: 'guest.start-ap', guest: 'alice', vcpu: 1 });
    ran(bench, 'alice', 'mov ebx, 0xaaaa\nhlt', 0);
    ran(bench, 'alice', 'mov ebx, 0xbbbb\nhlt', 1);
    for (const core of [1, 2]) bench.done({ type: 'host.vmexit', core });
    edit(bench, 'vmsa', BigInt(vmsaOf(bench, 1)), 0);
    edit(bench, 'vmsa', BigInt(vmsaOf(bench, 0)), 1);
    expect(registers(bench, 'alice', 0).rbx).toBe(0xbbbbn);
    expect(registers(bench, 'alice', 1).rbx).toBe(0xaaaan);
  });

  it('another guest’s page is noise under this guest’s key', () => {
    const bench = paused();
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1 name="eve"' });
    bench.done({ type: 'host.vmexit', core: bench.domain('eve').core });
    edit(bench, 'vmsa', BigInt(bench.domain('eve').vmsas[0] ?? 0));
    expect(refusedBy(bench)).toBe(VMRUN_RULES.checksum.id);
  });
});
