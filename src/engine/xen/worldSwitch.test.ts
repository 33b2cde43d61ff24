import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../core/address';
import { readU64, u64 } from '../core/bytes';
import { GPRS, type Gpr, packRegisters, REGISTER_NAMES, type RegisterName } from '../core/registers';
import { HOST_REGISTERS } from '../cpu/hostState';
import { loadSaveArea, SAVED_REGISTERS } from '../cpu/saveArea';
import { readVmcb } from '../cpu/vmcb';
import { vmsaRegisters } from '../cpu/vmsa';
import { readVmsaField, VMSA_FIELDS } from '../cpu/vmsaFields';
import { asData, type Bench } from '../testing/bench';
import { mark, marksForXen, marksIn } from '../testing/marks';
import { coreRegisters, KINDS, type Kind, registers, withGuests } from '../testing/programs';
import { readExtended } from './extended';
import { readUserRegs, USER_REGISTERS } from './stub';

const markOf = (name: RegisterName): bigint => mark(REGISTER_NAMES.indexOf(name));
const namesOf = (numbers: readonly number[]): (RegisterName | undefined)[] =>
  numbers.map((number) => REGISTER_NAMES[number]).sort();
const MARKED: readonly Gpr[] = GPRS.filter((name) => name !== 'rsp');

/** A program that puts a mark into every register and then waits for the interrupt. */
const MARKS = [
  `mov rax, ${markOf('xmm0')}`,
  'movq xmm0, rax',
  ...MARKED.map((name) => `mov ${name}, ${markOf(name)}`),
  'stc',
  'hlt',
].join('\n');

/** The guest stands before HLT, its registers marked, and has just been interrupted. */
function interrupted(guest: Kind, part = {}): Bench {
  const bench = withGuests([guest], '', part);
  bench.done({ type: 'guest.program', guest, text: MARKS });
  bench.done({ type: 'guest.step', guest, count: MARKS.split('\n').length - 1 });
  bench.done({ type: 'host.vmexit', core: bench.domain(guest).core });
  return bench;
}

const vmcbOf = (bench: Bench, guest: Kind): number => bench.domain(guest).vmcbs[0] ?? 0;

const CONFIGS = [
  { writeBack: 'soon' },
  { writeBack: 'late' },
  { sme: 'full' },
  { sme: 'none' },
  { generation: 'rome', writeBack: 'late' },
] as const;

describe.each(CONFIGS)('an exit, %o', (part) => {
  it.each(KINDS)('leaves the registers of the host in the core of %s', (guest) => {
    const bench = interrupted(guest, part);
    expect(packRegisters(coreRegisters(bench, bench.domain(guest).core))).toEqual(HOST_REGISTERS);
  });

  it('of a guest with SEV leaves every register in the VMCB and in Xen’s own memory', () => {
    const bench = interrupted('bob', part);
    const { machine } = bench;
    const saved = loadSaveArea(machine, 0, vmcbOf(bench, 'bob'));
    const pushed = readUserRegs(machine, 0, bench.domain('bob').userRegs[0] ?? 0);
    const extended = readExtended(machine, 0, bench.domain('bob').userRegs[0] ?? 0);
    const found = { ...pushed, ...saved, ...extended };
    for (const name of [...MARKED, 'xmm0'] as const)
      expect([name, found[name]]).toEqual([name, markOf(name)]);
    expect(found).toMatchObject({ rflags: 3n, xcr0: 1n });
    expect([...USER_REGISTERS, ...SAVED_REGISTERS].sort()).toEqual(
      REGISTER_NAMES.filter((name) => !['xcr0', 'xmm0', 'ghcb'].includes(name)).sort(),
    );
    expect(registers(bench, 'bob')).toMatchObject(found);
    expect(namesOf(marksForXen(bench))).toEqual([...MARKED, 'xmm0'].sort());
  });

  it('of a guest with SEV-ES leaves nothing anywhere that Xen can look', () => {
    const bench = interrupted('alice', part);
    expect(marksForXen(bench)).toEqual([]);
    const saved = loadSaveArea(bench.machine, 0, vmcbOf(bench, 'alice'));
    expect(saved).toMatchObject({ rax: 0n, rsp: 0n, cr2: 0n });
    const pushed = readUserRegs(bench.machine, 0, bench.domain('alice').userRegs[0] ?? 0);
    expect(Object.values(pushed).every((value) => value === 0n)).toBe(true);
  });

  it('of a guest with SEV-ES leaves its registers, and no others, in its VMSA', () => {
    const bench = interrupted('alice', part);
    bench.done({ type: 'cpu.wbinvd', core: 0 });
    bench.done({ type: 'cpu.wbinvd', core: 1 });
    const { vmsas, asid } = bench.domain('alice');
    const at = vmsas[0] ?? 0;
    const page = bench.machine.cipher(asid)?.decrypt(at, bench.dram(at, PAGE_SIZE)) ?? new Uint8Array();
    expect(namesOf(marksIn(page))).toEqual([...MARKED, 'xmm0'].sort());
    expect(readU64(page, VMSA_FIELDS.fpregXmm.offset)).toBe(markOf('xmm0'));
    const { ghcb, ...others } = registers(bench, 'alice');
    expect(vmsaRegisters(page)).toEqual(others);
    expect(ghcb).toBe(readVmcb(bench.machine, 0, vmcbOf(bench, 'alice'), 'ghcb'));
    const controls = ['cr0', 'cr4', 'efer', 'cr3'] as const;
    expect(controls.map((name) => readVmsaField(page, name))).toEqual([
      0x8000_0001n,
      0x20n,
      0x1500n,
      0x1000n,
    ]);
  });
});

describe('what Xen writes where the registers of others are', () => {
  const set = (guest: Kind, register: string) => ({
    type: 'xen.set-register',
    guest,
    register,
    value: '0x77',
  });

  it.each(['rax', 'rbx', 'r15'] as const)('%s is a guest’s with SEV, and nobody’s with SEV-ES', (name) => {
    const [bob, alice] = [interrupted('bob'), interrupted('alice')];
    expect(bob.done(set('bob', name)).before).toBe(`0x${markOf(name).toString(16)}`);
    expect(alice.done(set('alice', name)).before).toBe('0x0');
    expect(registers(bob, 'bob')[name]).toBe(0x77n);
    expect(registers(alice, 'alice')[name]).toBe(markOf(name));
  });

  it('RIP of a guest with SEV-ES stays, too', () => {
    const [bob, alice] = [interrupted('bob'), interrupted('alice')];
    const { rip } = registers(alice, 'alice');
    bob.done(set('bob', 'rip'));
    alice.done(set('alice', 'rip'));
    expect([registers(bob, 'bob').rip, registers(alice, 'alice').rip]).toEqual([0x77n, rip]);
  });
});

describe('an entry that fails', () => {
  it.each(KINDS)('leaves the host’s registers in the core of %s', (guest) => {
    const bench = interrupted(guest);
    bench.done({ type: 'host.vmcb', guest, field: 'asid', value: 0 });
    expect(bench.refused({ type: 'host.vmrun', guest, core: bench.domain(guest).core })).toBe(
      'vmrun.asid-zero',
    );
    expect(packRegisters(coreRegisters(bench, bench.domain(guest).core))).toEqual(HOST_REGISTERS);
    expect(bench.state.need('core', bench.domain(guest).core)).toMatchObject({ domain: null, asid: 0 });
  });
});

describe('a pointer to the VMSA that changes while the guest runs', () => {
  it.each([0n, 0x123n, 1n << 40n, 1n << 51n, 2n ** 64n - 1n, 0x10_0000n])(
    'does not change where the registers go: %i',
    (pointer) => {
      const bench = interrupted('alice');
      registers(bench, 'alice');
      const at = vmcbOf(bench, 'alice');
      const before = u64(readVmcb(bench.machine, 0, at, 'vmsa'));
      bench.done({ type: 'host.write', at: at + 0x108, data: asData(u64(pointer)) });
      bench.done({ type: 'host.vmexit', core: 1 });
      bench.done({ type: 'host.write', at: at + 0x108, data: asData(before) });
      expect(registers(bench, 'alice')).toMatchObject({ rbx: markOf('rbx'), r8: markOf('r8') });
    },
  );
});

describe('the power', () => {
  it.each(['power.off', 'machine.reset'])('takes the registers along: %s', (type) => {
    const bench = interrupted('alice');
    registers(bench, 'alice');
    bench.done({ type });
    expect(bench.state.cell('registers', 1)).toBe(null);
  });
});
