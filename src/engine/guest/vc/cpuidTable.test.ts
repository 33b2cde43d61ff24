import { describe, expect, it } from 'vitest';
import { secretOf } from '../../asp/snp/secretSource';
import { GUEST_BASE, PAGE_SIZE } from '../../core/address';
import { toHex } from '../../core/bytes';
import { Bench } from '../../testing/bench';
import { ran } from '../../testing/programs';

function alice(extra = 'memory=1'): Bench {
  const bench = new Bench({ technology: 'sev-snp', generation: 'milan' });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra });
  return bench;
}

const objectAt = (bench: Bench, name: string): number =>
  bench.state.need('guest', 1).objects.find((object) => object.name === name)?.address ?? 0;

/** What CPUID answers a program of Alice, and how often she left for it. */
function cpuid(bench: Bench, leaf: number, subleaf = 0, before = '') {
  const from = bench.spans.length;
  const text = `${before}\nmov eax, 0x${leaf.toString(16)}\nmov ecx, ${subleaf}\ncpuid\nhlt`;
  const { rax, rbx, rcx, rdx } = ran(bench, 'alice', text);
  const exits = bench.spans
    .slice(from)
    .filter((span) => (span as { name?: string; args?: unknown }).name === 'fill GHCB').length;
  return { answer: [rax, rbx, rcx, rdx].map(Number), exits };
}

const lie = (field: string, value: string) => ({
  type: 'xen.lie',
  guest: 'alice',
  exit: 'CPUID',
  field,
  how: 'value',
  value,
});

describe('CPUID of an SNP guest', () => {
  it('is answered from the page that the firmware checked, without an exit', () => {
    const bench = alice();
    const { eax, ebx, ecx, edx } = bench.state.need('cpuid').fn8000001f;
    const { answer, exits } = cpuid(bench, 0x8000_001f);
    expect(answer).toEqual([eax, ebx, ecx, edx]);
    expect(exits).toBe(0);
  });

  it('does not ask a hypervisor that lies, and believes in its encryption', () => {
    const bench = alice();
    const honest = cpuid(bench, 0x8000_001f).answer;
    bench.done(lie('rax', '0x0'));
    expect(cpuid(bench, 0x8000_001f)).toEqual({ answer: honest, exits: 0 });
    expect(bench.state.need('guest', 1).believesPlain ?? false).toBe(false);
  });

  it('takes the APIC ID from the hypervisor, and no other bit of the answer', () => {
    const bench = alice();
    const [eax = 0, ebx = 0, ecx = 0, edx = 0] = cpuid(bench, 1).answer;
    for (const [field, value] of [
      ['rax', '0x12345678'],
      ['rbx', '0xabcdef01'],
      ['rcx', '0x0'],
      ['rdx', '0xffffffff'],
    ] as const)
      bench.done(lie(field, value));
    const { answer, exits } = cpuid(bench, 1);
    expect(answer).toEqual([eax, (0xab000000 | (ebx & 0xffffff)) >>> 0, ecx, edx]);
    expect(exits).toBe(1);
  });

  it('is zero for a leaf that is not in the page; only within the ranges a topology is asked for', () => {
    const bench = alice();
    expect(cpuid(bench, 7)).toEqual({ answer: [0, 0, 0, 0], exits: 0 });
    expect(cpuid(bench, 0xb)).toMatchObject({ exits: 1 });
    expect(cpuid(bench, 0x4000_0099)).toEqual({ answer: [0, 0, 0, 0], exits: 0 });
    expect(cpuid(bench, 0x8000_0020)).toEqual({ answer: [0, 0, 0, 0], exits: 0 });
  });

  it('works the size of the XSAVE area out for what XCR0 has on', () => {
    const bench = alice();
    expect(cpuid(bench, 0xd).answer).toEqual([7, 0x240, 0x340, 0]);
    const on = 'mov ecx, 0\nmov edx, 0\nmov eax, 7\nxsetbv';
    expect(cpuid(bench, 0xd, 0, on).answer).toEqual([7, 0x340, 0x340, 0]);
    expect(cpuid(bench, 0xd, 2).answer).toEqual([0x100, 0x240, 0, 0]);
  });

  it('is still asked of the hypervisor by a guest with SEV-ES', () => {
    const bench = new Bench({ technology: 'sev-es' });
    bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
    bench.done({ type: 'guest.handler', guest: 'alice', checks: false, shares: 'needed' });
    bench.done(lie('rax', '0x0'));
    const { answer, exits } = cpuid(bench, 0x8000_001f);
    expect([answer[0], exits]).toEqual([0, 1]);
  });
});

describe('the secrets page', () => {
  it('has the keys that the firmware keeps for the guest’s messages, and nobody else reads them', () => {
    const bench = alice();
    const { context } = bench.domain('alice');
    const keys = bench.state.need('context', (context ?? 0) / PAGE_SIZE).keys?.vmpck ?? [];
    const at = objectAt(bench, 'secrets');
    const page = bench.seen({ eye: 'guest', guest: 'alice', space: 'gva' }, at, PAGE_SIZE);
    expect(keys.length).toBe(4);
    for (const [i, source] of keys.entries())
      expect(toHex(page.subarray(0x20 + 32 * i, 0x40 + 32 * i))).toBe(toHex(secretOf(bench.machine, source)));
    const spa = bench.spaOf('alice', at);
    expect(toHex(bench.dram(spa + 0x20, 32))).not.toBe(toHex(page.subarray(0x20, 0x40)));
    expect(at).toBeGreaterThan(GUEST_BASE);
  });
});
