import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import { toHex, uint } from '../../core/bytes';
import { readVmcb } from '../../cpu/vmcb';
import type { Bench } from '../../testing/bench';
import { broken } from '../../testing/invariants';
import { KINDS, type Kind, leaving, ran, registers, stopped, withGuests } from '../../testing/programs';

const PROGRAM = 'mov ebx, 5\nhlt';
const AP_RESET_HOLD = 6n;

const start = (guest: Kind, vcpu = 1, at?: number) => ({
  type: 'guest.start-ap',
  guest,
  vcpu,
  ...(at === undefined ? {} : { at }),
});
const stateOf = (bench: Bench, vcpu: number) => bench.state.cell('vcpus', 1)?.vcpus[vcpu];
const addressOf = (bench: Bench): number => bench.state.need('guest', 1).program?.address ?? 0;
const rulesOf = (bench: Bench): (string | undefined)[] =>
  bench.changes.flatMap((change) => (change.store === 'fact' ? [change.rule?.id] : []));

/** A guest with three vCPUs and a program. */
function three(guest: Kind): Bench {
  const bench = withGuests([guest], 'vcpus=3');
  bench.done({ type: 'guest.program', guest, text: PROGRAM });
  return bench;
}

describe.each(KINDS)('another vCPU of %s', (guest) => {
  it('begins at the program, on its own core, and the first one stays where it was', () => {
    const bench = three(guest);
    bench.done({ type: 'guest.step', guest });
    const first = registers(bench, guest);
    expect(bench.done(start(guest, 2))).toEqual({ at: addressOf(bench) });
    expect(registers(bench, guest, 2).rip).toBe(BigInt(addressOf(bench)));
    bench.done({ type: 'guest.continue', guest, vcpu: 2 });
    expect(registers(bench, guest, 2).rbx).toBe(5n);
    const { ghcb: _, ...after } = registers(bench, guest);
    expect(first).toMatchObject(after);
    expect(stateOf(bench, 1)?.state).toBe('waits');
    expect([...broken(bench.machine)]).toEqual([]);
  });

  it('may be started again, elsewhere', () => {
    const bench = three(guest);
    bench.done(start(guest));
    bench.done({ type: 'guest.continue', guest, vcpu: 1 });
    const at = addressOf(bench) + 5;
    expect(bench.done(start(guest, 1, at))).toEqual({ at });
    expect(registers(bench, guest, 1).rip).toBe(BigInt(at));
    expect(bench.done({ type: 'guest.step', guest, vcpu: 1 })).toMatchObject({ last: 'hlt' });
  });

  it('needs somewhere to begin', () => {
    const bench = withGuests([guest], 'vcpus=2');
    const before = bench.state.allCells();
    expect(bench.refused(start(guest))).toBe('guest.ap-entry');
    expect(bench.state.allCells()).toEqual(before);
  });

  it('does not run while its guest is paused', () => {
    const bench = three(guest);
    bench.done({ type: 'xl.pause', guest });
    expect(bench.refused(start(guest))).toBe('domain.paused');
    bench.done({ type: 'xl.unpause', guest });
    bench.done(start(guest));
  });
});

describe('the AP jump table', () => {
  it('is a private page with IP, CS and where the trampoline goes on; Xen knows only where it lies', () => {
    const bench = three('alice');
    bench.done(start('alice'));
    const gpa = bench.state.need('vcpus', 1).jumpTable ?? 0;
    const gva = 0x7f00_0000_0000 + gpa;
    const bytes = toHex(new Uint8Array([0, 0, 0, 0x9a, ...uint(BigInt(addressOf(bench)), 8)]));
    expect(toHex(bench.seen({ eye: 'guest', guest: 'alice', space: 'gva' }, gva, 12))).toBe(bytes);
    for (const c of [0, 1] as const)
      expect(toHex(bench.seen({ eye: 'host', c }, bench.spaOf('alice', gva), 12))).not.toBe(bytes);
    expect(gpa % PAGE_SIZE).toBe(0);
    expect(rulesOf(bench)).toContain('guest.ap-jump-table');
    expect(rulesOf(bench)).not.toContain('xen.startup-vector');
  });

  it('is made once', () => {
    const bench = three('alice');
    bench.done(start('alice', 1));
    const { jumpTable } = bench.state.need('vcpus', 1);
    bench.done(start('alice', 2));
    expect(bench.state.need('vcpus', 1).jumpTable).toBe(jumpTable);
  });

  it('is not what a guest with SEV uses: there Xen writes RIP', () => {
    const bench = three('bob');
    bench.done(start('bob'));
    expect(bench.state.need('vcpus', 1).jumpTable).toBe(null);
    expect(rulesOf(bench)).toContain('xen.startup-vector');
    expect(rulesOf(bench)).not.toContain('guest.ap-jump-table');
  });

  it.each(KINDS)('RIP that Xen writes for a vCPU of %s counts only without SEV-ES', (guest) => {
    const bench = three(guest);
    bench.done(start(guest));
    const { rip } = registers(bench, guest, 1);
    bench.done({ type: 'xen.set-register', guest, vcpu: 1, register: 'rip', value: '0x1234' });
    expect(readVmcb(bench.machine, 0, bench.domain(guest).vmcbs[1] ?? 0, 'rip')).toBe(0x1234n);
    expect(registers(bench, guest, 1).rip).toBe(guest === 'alice' ? rip : 0x1234n);
  });
});

describe('AP reset hold', () => {
  it('parks a vCPU until a startup interrupt comes', () => {
    const bench = three('alice');
    bench.done(start('alice'));
    const parked = leaving(AP_RESET_HOLD);
    bench.done({ type: 'guest.program', guest: 'alice', text: parked, vcpu: 1 });
    expect(bench.done({ type: 'guest.continue', guest: 'alice', vcpu: 1 })).toMatchObject({
      stopped: 'waits',
    });
    expect(stateOf(bench, 1)?.state).toBe('waits');
    expect(bench.refused({ type: 'guest.step', guest: 'alice', vcpu: 1 })).toBe('guest.no-vcpu');
    bench.done(start('alice'));
    expect(stateOf(bench, 1)?.state).toBe('runs');
    expect(registers(bench, 'alice', 1).rip).toBe(BigInt(addressOf(bench)));
  });

  it('parks the first one for ever: nobody is left to wake it', () => {
    const bench = withGuests(['alice']);
    bench.done({ type: 'guest.program', guest: 'alice', text: leaving(AP_RESET_HOLD) });
    expect(bench.done({ type: 'guest.continue', guest: 'alice' })).toMatchObject({ stopped: 'waits' });
    for (const type of ['guest.step', 'guest.continue'])
      expect(bench.refused({ type, guest: 'alice' })).toBe('guest.no-vcpu');
  });

  it('is where INIT puts a vCPU; a startup interrupt counts only there, and INIT takes it back', () => {
    const bench = three('alice');
    const send = (...commands: number[]) => {
      const stores = commands.map((command) => `mov eax, ${command}\nmov [rbx + 0x300], eax`);
      const to1 = `mov rbx, 0x7f00fee00000\nmov eax, ${1 << 24}\nmov [rbx + 0x310], eax`;
      ran(bench, 'alice', [to1, ...stores, 'hlt'].join('\n'));
      return stateOf(bench, 1);
    };
    bench.done(start('alice'));
    expect(send(0x4699)).toMatchObject({ state: 'runs', startup: null });
    expect(send(0x4500)).toMatchObject({ state: 'waits', startup: null });
    expect(bench.refused({ type: 'guest.step', guest: 'alice', vcpu: 1 })).toBe('guest.no-vcpu');
    expect(send(0x4699)).toMatchObject({ state: 'waits', startup: 0x99 });
    expect(send(0x4500)).toMatchObject({ state: 'waits', startup: null });
  });

  it.each(KINDS)('is where a vCPU of %s puts itself with INIT: it does not run on', (guest) => {
    const bench = withGuests([guest]);
    const text = 'mov rbx, 0x7f00fee00000\nmov eax, 0x4500\nmov [rbx + 0x300], eax\nmov ecx, 1\nhlt';
    bench.done({ type: 'guest.program', guest, text });
    expect(bench.done({ type: 'guest.continue', guest })).toMatchObject({ stopped: 'waits' });
    expect(bench.refused({ type: 'guest.continue', guest })).toBe('guest.no-vcpu');
  });
});

describe('each vCPU', () => {
  it.each(KINDS)('of %s has registers of its own, whoever runs in between', (guest) => {
    const bench = withGuests([guest], 'vcpus=3');
    for (const vcpu of [1, 2]) bench.done(start(guest, vcpu, 0x7f00_0000_0000));
    for (const vcpu of [0, 1, 2]) ran(bench, guest, `mov ebx, ${0x10 + vcpu}\nmov r9, rbx\nhlt`, vcpu);
    for (const vcpu of [2, 0, 1]) {
      const own = BigInt(0x10 + vcpu);
      expect(registers(bench, guest, vcpu)).toMatchObject({ rbx: own, r9: own });
    }
  });

  it('of a guest with SEV-ES asks through its own GHCB; a lie meets all of them', () => {
    const bench = withGuests(['alice'], 'vcpus=2');
    bench.done(start('alice', 1, 0x7f00_0000_0000));
    const lie = { type: 'xen.lie', guest: 'alice', exit: 'CPUID', field: 'rbx', how: 'invalid' };
    bench.done(lie);
    expect(stopped(bench, 'alice', 'mov eax, 1\ncpuid\nhlt', 1)).toBe('ghcb.terminated');
  });
});
