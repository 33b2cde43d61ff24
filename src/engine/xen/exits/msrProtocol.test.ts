import { describe, expect, it } from 'vitest';
import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { GENERATIONS } from '../../core/config';
import type { Registers } from '../../core/registers';
import { decodeGhcbMsr, encodeGhcbMsr } from '../../cpu/ghcb/msr';
import { readVmcb } from '../../cpu/vmcb';
import type { Bench } from '../../testing/bench';
import { ghcbOf, leaving, ran, registers, run, stopped, withGuests } from '../../testing/programs';

/** What the MSR holds when a program that has put something there comes back, as RDMSR reads it. */
const ask = (msr: bigint, bench = withGuests(['alice'])): bigint => {
  const { rax, rdx } = ran(bench, 'alice', leaving(msr).replace('hlt', 'rdmsr\nhlt'));
  return (rdx << 32n) | rax;
};
const vmcbGhcb = (bench: Bench) => readVmcb(bench.machine, 0, bench.domain('alice').vmcbs[0] ?? 0, 'ghcb');

describe('the MSR protocol', () => {
  it.each(['rome', 'milan', 'genoa'] as const)(
    'tells the versions and where the C-bit lies: %s',
    (generation) => {
      const bench = withGuests(['alice'], '', { generation });
      const cBit = generation === 'rome' ? 47 : 51;
      expect(ask(2n, bench)).toBe(0x0002_0001_0000_0001n | (BigInt(cBit) << 24n));
    },
  );

  it('holds that before anybody asks: a reset vCPU may read it', () => {
    const bench = withGuests(['alice'], 'vcpus=2');
    expect(readVmcb(bench.machine, 0, bench.domain('alice').vmcbs[1] ?? 0, 'ghcb')).toBe(
      0x0002_0001_3300_0001n,
    );
  });

  it('answers CPUID, a register at a time', () => {
    const bench = withGuests(['alice']);
    const { eax, ebx, ecx, edx } = bench.state.need('cpuid').fn8000001f;
    for (const [register, value] of [eax, ebx, ecx, edx].entries()) {
      const asked = encodeGhcbMsr('cpuidRequest', { function: 0x8000_001f, register });
      expect(asked & 0xffffffffn).toBe(BigInt(register * 2 ** 30 + 4));
      expect(ask(asked, bench)).toBe((BigInt(value >>> 0) << 32n) | BigInt(register * 2 ** 30 + 5));
    }
  });

  it('answers CPUID with the lies that are told about it, cut to 32 bits', () => {
    const bench = withGuests(['alice']);
    const lie = { type: 'xen.lie', guest: 'alice', exit: 'CPUID', field: 'rbx', how: 'value' };
    bench.done({ ...lie, value: '0x1122334455667788' });
    expect(ask(0x8000_001f_4000_0004n, bench)).toBe(0x5566_7788_4000_0005n);
  });

  it.each<[string, bigint, bigint]>([
    ['AP reset hold finds a startup interrupt only if one was sent', 0x006n, 0x007n],
    ['no GHCB address is preferred', 0x010n, 0xffff_ffff_ffff_f011n],
    ['registration is granted', 0x1234_5012n, 0x1234_5013n],
    ['there are no features of SEV-SNP', 0x080n, 0x081n],
  ])('%s', (_, asked, answered) => {
    const bench = withGuests(['alice']);
    run(bench, 'alice', leaving(asked));
    bench.done({ type: 'host.vmexit', core: 1 });
    expect(vmcbGhcb(bench)).toBe(answered);
  });

  it.each([0x001n, 0x003n, 0x005n, 0x0010_0000_1234_5014n, 0x016n, 0x0f00n, 0x123n])(
    'a code that Xen does not know leaves the MSR: 0x%s, and the vCPU stands behind VMGEXIT',
    (asked) => {
      const bench = withGuests(['alice']);
      expect(stopped(bench, 'alice', leaving(asked))).toBe('ghcb.msr-unknown');
      expect(registers(bench, 'alice').ghcb).toBe(asked);
      expect(bench.done({ type: 'guest.step', guest: 'alice' }).last).toBe('hlt');
    },
  );

  it.each([
    ['set 0 reason 0', 0x100n, 'general request'],
    ['set 1 reason 2', 0x2_1100n, 'PVALIDATE failure'],
    ['a reason without a name', 0xff_f100n, 'set 15, reason 255'],
  ])('ends a guest that asks for it: %s', (_, asked, why) => {
    const bench = withGuests(['alice']);
    const outcome = run(bench, 'alice', leaving(asked));
    expect(outcome).toMatchObject({
      ok: false,
      fault: { name: 'shutdown', rule: { id: 'ghcb.terminated' } },
    });
    expect(bench.state.need('ring').lines.at(-1)).toContain(`d1v0 terminated itself: ${why}`);
    expect(bench.refused({ type: 'guest.step', guest: 'alice' })).toBe('domain.paused');
    expect(bench.state.need('core', 1).domain).toBe(null);
  });

  it.each(GENERATIONS)('is what a kernel uses before it has a GHCB: %s', (generation) => {
    if (generation === 'naples') return;
    const bench = withGuests(['alice'], '', { generation });
    const os = bench.state.need('guest', 1);
    expect(os.cBit).toBe(generation === 'rome' ? 47 : 51);
    expect(os.ghcbs).toHaveLength(1);
    expect(os.shared).toContain((ghcbOf(bench, 'alice') - GUEST_BASE) / PAGE_SIZE);
  });
});

describe('an address in the MSR', () => {
  const last = 2 ** 20;
  it.each<[string, bigint]>([
    ['beyond the guest’s memory', BigInt(last)],
    ['at the end of all addresses', 0xf_ffff_ffff_f000n],
    ['above them', 0xffff_ffff_ffff_f000n],
  ])('%s is refused', (_, gpa) => {
    expect(stopped(withGuests(['alice']), 'alice', leaving(gpa))).toBe('ghcb.address');
  });

  it('of a private page shows ciphertext, which is no request', () => {
    const bench = withGuests(['alice']);
    const { at } = bench.done({ type: 'guest.write', guest: 'alice', data: 'not a GHCB' });
    const answered: Registers = ran(bench, 'alice', leaving(BigInt(Number(at) - GUEST_BASE)));
    expect(decodeGhcbMsr(answered.ghcb).name).toBe('gpa');
    const facts = bench.changes.flatMap((change) =>
      change.store === 'fact' && change.what === 'fault' ? [change.rule?.id] : [],
    );
    expect(facts).toContain('ghcb.request.usage');
  });
});
