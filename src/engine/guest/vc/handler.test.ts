import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../core/address';
import { toHex } from '../../core/bytes';
import { OWNER_HYPERVISOR } from '../../core/page';
import { GPRS } from '../../core/registers';
import { EXIT } from '../../cpu/exits';
import { GHCB_FIELD_NAMES, type GhcbField, isValid, readGhcb, validBits } from '../../cpu/ghcb/layout';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';
import type { Bench } from '../../testing/bench';
import { ran, registers, run, withGuests } from '../../testing/programs';

/** Copies of the GHCB that Xen made at each VMGEXIT, the last one first. */
function requests(bench: Bench): Uint8Array[] {
  return bench.changes
    .flatMap((change) => {
      if (change.store !== 'fact' || change.what !== 'saw' || change.data.principal !== OWNER_HYPERVISOR)
        return [];
      return change.bytes?.length === PAGE_SIZE ? [change.bytes] : [];
    })
    .reverse();
}

const marked = (page: Uint8Array): GhcbField[] => GHCB_FIELD_NAMES.filter((field) => isValid(page, field));
const RESULT: GhcbField[] = ['swExitCode', 'swExitInfo1', 'swExitInfo2'];
const VECTORS = '../shared/vectors/cpu.json';

describe('the exchange about CPUID Fn8000_001F', () => {
  const bench = withGuests(['alice']);
  const after = ran(
    bench,
    'alice',
    'mov eax, 0x8000001f\nxor ecx, ecx\nmov rdx, -1\nmov rbx, -1\ncpuid\nhlt',
  );
  const [page = new Uint8Array()] = requests(bench);

  it('is these bytes and no others', () => {
    const expected = new Uint8Array(PAGE_SIZE);
    expected.set([0x1f, 0, 0, 0x80], 0x1f8);
    expected.set([0x72], 0x390);
    expected.set([0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0x02, 0, 0x1c, 0], 0x3f0);
    expected.set([2, 0], 0xffa);
    expect(toHex(page)).toBe(toHex(expected));
  });

  it.skipIf(!existsSync(VECTORS))('is the example of the vectors (skipped where they are absent)', () => {
    const { validBits: bits, validBitmapHex } = JSON.parse(readFileSync(VECTORS, 'utf8')).ghcb.exampleCpuid;
    expect(validBits(page)).toEqual(bits);
    expect(toHex(page.subarray(0x3f0, 0x400))).toBe(validBitmapHex);
  });

  it('changes the four registers, RIP and where the GHCB lies, and nothing else', () => {
    const { eax, ebx, ecx, edx } = bench.state.need('cpuid').fn8000001f;
    expect(after).toMatchObject({
      rax: BigInt(eax),
      rbx: BigInt(ebx),
      rcx: BigInt(ecx),
      rdx: BigInt(edx),
      ghcb: 0x6000n,
      rsi: 0n,
      r8: 0n,
    });
  });
});

describe('what a program’s request shows', () => {
  const SETUP = GPRS.filter((name) => name !== 'rsp').map((name, index) => `mov ${name}, ${0x100 + index}`);
  it.each<[string, number, GhcbField[]]>([
    ['rdtsc', EXIT.RDTSC, []],
    ['rdtscp', EXIT.RDTSCP, []],
    ['rdpmc', EXIT.RDPMC, ['rcx']],
    ['cpuid', EXIT.CPUID, ['rax', 'rcx']],
    ['mov eax, 13\ncpuid', EXIT.CPUID, ['rax', 'rcx', 'xcr0']],
    ['invd', EXIT.INVD, []],
    ['wbinvd', EXIT.WBINVD, []],
    ['rdmsr', EXIT.MSR, ['rcx']],
    ['wrmsr', EXIT.MSR, ['rax', 'rcx', 'rdx']],
    ['vmmcall', EXIT.VMMCALL, ['cpl', 'rax']],
    ['monitor', EXIT.MONITOR, ['rax', 'rcx', 'rdx']],
    ['mwait', EXIT.MWAIT, ['rax', 'rcx']],
    ['in al, 0x60', EXIT.IOIO, []],
    ['out 0xe9, al', EXIT.IOIO, ['rax']],
    ['mov rbx, dr7', EXIT.DR7_READ, []],
    ['mov rbx, 0x400\nmov dr7, rbx', EXIT.DR7_WRITE, ['rax']],
    ['xor ecx, ecx\nxsetbv', SOFTWARE_EVENT.UNSUPPORTED, []],
    ['mov rbx, 0x7f00fee00000\nmov [rbx + 0x80], esi', SOFTWARE_EVENT.MMIO_WRITE, ['swScratch']],
    ['mov rbx, 0x7f00fee00000\nmov si, [rbx + 0x80]', SOFTWARE_EVENT.MMIO_READ, ['swScratch']],
  ])('%s', (text, code, shown) => {
    const bench = withGuests(['alice']);
    for (const event of ['RDTSC', 'RDTSCP', 'RDPMC', 'XSETBV'])
      bench.done({ type: 'xen.intercept', guest: 'alice', event, on: true });
    run(bench, 'alice', [...SETUP, text, 'hlt'].join('\n'));
    const [page = new Uint8Array(PAGE_SIZE)] = requests(bench);
    expect(readGhcb(page, 'swExitCode')).toBe(BigInt(code));
    expect(marked(page).sort()).toEqual([...shown, ...RESULT].sort());
    const hidden = GPRS.filter((name) => name !== 'rsp' && !shown.includes(name));
    expect(hidden.map((name) => readGhcb(page, name))).toEqual(hidden.map(() => 0n));
  });

  it('is every general register where the kernel shares everything', () => {
    const bench = withGuests(['alice']);
    bench.done({ type: 'guest.handler', guest: 'alice', checks: true, shares: 'everything' });
    ran(bench, 'alice', [...SETUP, 'wbinvd', 'hlt'].join('\n'));
    const [page = new Uint8Array(PAGE_SIZE)] = requests(bench);
    expect(marked(page).sort()).toEqual([...GPRS.filter((name) => name !== 'rsp'), ...RESULT].sort());
    expect(readGhcb(page, 'r15')).toBe(BigInt(0x100 + 14));
  });
});

describe('an exception instead of an answer', () => {
  it.each([
    ['#GP', 'mov ecx, 0x1234\nrdmsr'],
    ['#GP', 'mov ecx, 0xc0000080\nwrmsr'],
    ['#UD', 'monitor'],
    ['#UD', 'mwait'],
  ])('%s ends the program at the instruction: %s', (name, text) => {
    const bench = withGuests(['alice']);
    const outcome = run(bench, 'alice', `mov rbx, 7\n${text}\nhlt`);
    const rule = { id: 'guest.exception-from-hypervisor' };
    expect(outcome).toMatchObject({ ok: false, fault: { name, rule } });
    const { rip, rbx } = registers(bench, 'alice');
    expect(rbx).toBe(7n);
    const { address, lines } = bench.state.need('guest', 1).program ?? { address: 0, lines: [] };
    expect(Number(rip) - address).toBe(lines.at(-2)?.offset);
  });
});

describe('the GHCB MSR', () => {
  it('is what the handler wrote, which RDMSR shows and the next VMGEXIT uses', () => {
    const bench = withGuests(['alice']);
    const text = 'xor eax, eax\nxor ecx, ecx\ncpuid\nmov ecx, 0xc0010130\nrdmsr\nhlt';
    expect(ran(bench, 'alice', text)).toMatchObject({ rax: 0x6000n, rdx: 0n });
  });

  it('is each vCPU’s own', () => {
    const bench = withGuests(['alice'], 'vcpus=3');
    for (const vcpu of [1, 2]) {
      bench.done({ type: 'guest.start-ap', guest: 'alice', vcpu, at: 0x7f00_0000_0000 });
      const text = 'mov eax, 1\nxor ecx, ecx\ncpuid\nhlt';
      expect(ran(bench, 'alice', text, vcpu)).toMatchObject({
        ghcb: BigInt(0x6000 + 0x1000 * vcpu),
        rbx: BigInt((vcpu << 24) | 0x800),
      });
    }
  });
});
