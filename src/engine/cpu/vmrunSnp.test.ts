import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../core/address';
import { OWNER_HYPERVISOR } from '../core/page';
import { rmpupdate } from '../rmp/instructions/rmpupdate';
import { isInUse } from '../rmp/inUse';
import { packRecord } from '../rmp/record';
import { readEntry } from '../rmp/table';
import { XEN } from '../rmp/testing/contexts';
import type { Bench } from '../testing/bench';
import { registers } from '../testing/programs';
import { accepted, setEntry, setVmsa, snpGuest, snpMachine } from '../testing/snp';
import { EXIT } from './exits';
import { readVmcb, type VmcbField, writeVmcb } from './vmcb';
import { VMRUN_RULES } from './vmrunChecks';
import { featuresRefusal, VMRUN_SNP_RULES } from './vmrunSnp';
import { readVmsa } from './vmsa';
import { readVmsaField, writeVmsaField } from './vmsaFields';

const vmsaOf = (bench: Bench): number => bench.domain('alice').vmsas[0] ?? 0;
const vmcbOf = (bench: Bench): number => bench.domain('alice').vmcbs[0] ?? 0;
const edit = (bench: Bench, field: VmcbField, value: bigint) =>
  writeVmcb(bench.machine, 0, vmcbOf(bench), field, value, OWNER_HYPERVISOR);
const enter = (bench: Bench, core = bench.domain('alice').core) =>
  bench.perform({ type: 'host.vmrun', guest: 'alice', core });
const leave = (bench: Bench, core = bench.domain('alice').core) => bench.done({ type: 'host.vmexit', core });
const coreOf = (bench: Bench) => bench.state.need('core', bench.domain('alice').core);
const exitCode = (bench: Bench) => readVmcb(bench.machine, 0, vmcbOf(bench), 'exitCode');
const INVALID = BigInt.asUintN(64, BigInt(EXIT.INVALID));

describe('VMRUN of an SNP guest', () => {
  it('takes SNP and VMPL from the VMSA, without a checksum, and stores there at the exit', () => {
    const bench = snpGuest();
    setVmsa(bench, 'rbx', 0x1234n);
    expect(registers(bench, 'alice').rbx).toBe(0x1234n);
    expect(coreOf(bench)).toMatchObject({ es: true, snp: true, vmpl: 0 });
    leave(bench);
    expect(coreOf(bench)).toMatchObject({ domain: null, snp: false, vmpl: 0 });
    setVmsa(bench, 'vmpl', 2n);
    enter(bench);
    expect(coreOf(bench).vmpl).toBe(2);
  });

  it.each([
    ['nobody’s', {}, 'RMP-Covered, then Guest-Owned', 'Guest-Owned'],
    ['another guest’s', { asid: 9 }, 'the ASID', 'Guest-Owned'],
    ['immutable', { immutable: true }, 'the firmware still has it', 'Mutable'],
    ['no VMSA', { vmsa: false }, 'nobody made it one', 'VMSA'],
  ])('refuses a VMSA whose page is %s', (name, fields, _, check) => {
    const bench = snpGuest();
    const { asid } = bench.domain('alice');
    setEntry(bench, vmsaOf(bench), name === 'nobody’s' ? {} : accepted(asid, 0, { vmsa: true, ...fields }));
    expect(enter(bench)).toMatchObject({
      fault: { name: 'VMEXIT_INVALID', rule: { id: 'rmp.vmrun-snp-vmsa' }, inputs: { check } },
    });
    expect(exitCode(bench)).toBe(INVALID);
    setEntry(bench, vmsaOf(bench), accepted(asid, 0x7000, { vmsa: true }));
    expect(enter(bench).ok).toBe(true);
  });

  it('refuses a VMCB that is not the hypervisor’s with #GP, and writes nothing into it', () => {
    const bench = snpGuest();
    const before = exitCode(bench);
    setEntry(bench, vmcbOf(bench), { assigned: true, asid: 9 });
    expect(enter(bench)).toMatchObject({ fault: { name: '#GP', rule: { id: 'rmp.vmrun-vmcb' } } });
    expect(exitCode(bench)).toBe(before);
  });

  it.each([
    ['a reserved feature', 1n | (1n << 17n), 0n, VMRUN_SNP_RULES.reserved],
    ['two ways to inject', 0b11001n, 0n, VMRUN_SNP_RULES.injection],
    ['a feature that the hypervisor has not allowed', 0b100001n, (2n ** 63n) | 1n, VMRUN_SNP_RULES.allowed],
  ] as const)('refuses %s', (_, features, allowed, rule) => {
    const bench = snpGuest();
    setVmsa(bench, 'sevFeatures', features);
    edit(bench, 'allowedSevFeatures', allowed);
    expect(enter(bench)).toMatchObject({ fault: { name: 'VMEXIT_INVALID', rule: { id: rule.id } } });
    setVmsa(bench, 'sevFeatures', 1n);
    expect(enter(bench).ok).toBe(true);
  });

  it('refuses a VMPL that the processor does not have', () => {
    const bench = snpGuest();
    setVmsa(bench, 'vmpl', 4n);
    expect(enter(bench)).toMatchObject({ fault: { rule: { id: VMRUN_SNP_RULES.vmpl.id } } });
  });

  it('a VMSA without SNPActive in an assigned page is none: the hypervisor cannot enter as SEV-ES', () => {
    const bench = snpGuest();
    setVmsa(bench, 'sevFeatures', 0n);
    expect(enter(bench)).toMatchObject({
      fault: {
        name: 'VMEXIT_INVALID',
        rule: { id: 'rmp.vmrun-vmsa' },
        inputs: { check: 'Hypervisor-Owned' },
      },
    });
  });

  it('without SNP on the machine SNPActive is refused, behind the checksum', () => {
    const bench = snpGuest();
    bench.machine.trace.set('syscfg', 0, { snpEn: false });
    expect(enter(bench)).toMatchObject({ fault: { rule: { id: VMRUN_RULES.checksum.id } } });
    const sealed = new Uint8Array(PAGE_SIZE);
    writeVmsaField(sealed, 'sevFeatures', 1n);
    const fault = featuresRefusal(bench.machine, { allowedSevFeatures: 0n }, sealed);
    expect(fault?.rule.id).toBe(VMRUN_SNP_RULES.enabled.id);
  });

  it('pages are in use while it runs, and let go at the exit', () => {
    const bench = snpGuest();
    const { machine } = bench;
    const pages = [vmcbOf(bench), vmsaOf(bench)];
    const take = (spa: number) => {
      const state = packRecord({
        gpa: 0,
        assigned: true,
        large: false,
        regionAssigned: false,
        immutable: false,
        asid: 9,
      });
      const ended = rmpupdate(machine, { spa, state }, XEN);
      return ended.ok ? ended.value.code : ended.fault.name;
    };
    enter(bench);
    for (const spa of pages) {
      expect(isInUse(machine, spa, 4096)).toBe(true);
      expect(take(spa)).toBe('FAIL_INUSE');
    }
    leave(bench);
    for (const spa of pages) {
      expect(isInUse(machine, spa, 4096)).toBe(false);
      expect(take(spa)).toBe('SUCCESS');
      expect(readEntry(machine, spa)?.vmsa).toBe(false);
    }
    expect(enter(bench).ok).toBe(false);
  });

  it('flushes the guest’s translations by itself where the VMSA last ran elsewhere, or PCPU_ID is 0', () => {
    const bench = snpGuest();
    const { core, asid } = bench.domain('alice');
    const held = () =>
      [...(bench.state.tlbs[core]?.values() ?? [])].filter((entry) => entry.asid === asid).length;
    const pcpu = () => readVmsaField(readVmsa(bench.machine, 0, vmsaOf(bench), asid), 'pcpuId');
    const again = () => {
      edit(bench, 'tlbControl', 0n);
      leave(bench);
      edit(bench, 'tlbControl', 0n);
      return enter(bench).ok;
    };
    bench.done({ type: 'guest.write', guest: 'alice', data: 'fills the TLB' });
    expect(pcpu()).toBe(BigInt(core + 1));
    expect(held()).toBeGreaterThan(0);
    expect(again()).toBe(true);
    expect(held()).toBeGreaterThan(0);
    leave(bench);
    setVmsa(bench, 'pcpuId', 0n);
    expect(enter(bench).ok).toBe(true);
    expect(held()).toBe(0);
    expect(pcpu()).toBe(BigInt(core + 1));
  });
});

describe('VMRUN of a guest with SEV-ES on a machine with SNP', () => {
  it('goes on as before, and its VMSA must be the hypervisor’s', () => {
    const bench = snpMachine(['alice']);
    expect(enter(bench).ok).toBe(true);
    expect(coreOf(bench)).toMatchObject({ es: true, snp: false, vmpl: 0 });
    leave(bench);
    setEntry(bench, vmsaOf(bench), accepted(bench.domain('alice').asid, 0, { vmsa: true }));
    expect(enter(bench)).toMatchObject({ fault: { name: 'VMEXIT_INVALID', rule: { id: 'rmp.vmrun-vmsa' } } });
  });
});
