import { describe, expect, it } from 'vitest';
import { GUEST_BASE } from '../../core/address';
import type { Technology } from '../../core/config';
import { Bench } from '../../testing/bench';
import { ran } from '../../testing/programs';

const ASK = 'mov eax, 0x8000001f\nxor ecx, ecx\ncpuid\nhlt';
const BIT_46 = '0x416e';
const APIC = 0x7f00_fee0_0000;

function trusting(technology: Technology, cpuid: 'page' | 'hypervisor'): Bench {
  const bench = new Bench({ technology, generation: 'milan' });
  bench.done({ type: 'xl.create', config: 'alice.cfg', extra: 'memory=1' });
  bench.done({ type: 'guest.handler', guest: 'alice', checks: false, shares: 'needed', cpuid });
  return bench;
}

const lie = (bench: Bench, exit: string, field: string, value: string | null) =>
  bench.done({
    type: 'xen.lie',
    guest: 'alice',
    exit,
    field,
    ...(value === null ? { how: 'truth' } : { how: 'value', value }),
  });

const write = { type: 'guest.write', guest: 'alice', name: 'letter', data: 'sixteen letters.' };

describe.each(['sev', 'sev-es', 'sev-snp'] as const)(
  'a kernel that believes CPUID, with %s',
  (technology) => {
    it('marks new pages with the bit that it was told, which leads to another guest physical address', () => {
      const bench = trusting(technology, 'hypervisor');
      lie(bench, 'CPUID', 'rbx', BIT_46);
      ran(bench, 'alice', ASK);
      const outcome = bench.perform(write);
      expect(outcome).toMatchObject({ ok: false, fault: { name: '#NPF' } });
      const letter = bench.state.need('guest', 1).objects.findLast(({ name }) => name === 'letter');
      const gpa = (letter?.address ?? 0) - GUEST_BASE;
      bench.done({ type: 'host.remap', guest: 'alice', gpa: 2 ** 46 + gpa, to: 0x60_0000 });
      bench.done({ type: 'guest.write', guest: 'alice', at: letter?.address ?? 0, data: write.data });
      expect(new TextDecoder().decode(bench.dram(0x60_0000, 16))).toBe('sixteen letters.');
    });

    it('finds the C-bit again when it is told the truth', () => {
      const bench = trusting(technology, 'hypervisor');
      bench.done({ type: 'guest.program', guest: 'alice', text: `${ASK}\n${ASK}` });
      lie(bench, 'CPUID', 'rbx', BIT_46);
      bench.done({ type: 'guest.continue', guest: 'alice' });
      expect(bench.state.need('guest', 1).believesCBit).toBe(46);
      lie(bench, 'CPUID', 'rbx', null);
      bench.done({ type: 'guest.continue', guest: 'alice' });
      bench.done(write);
    });

    it('takes from a device what Xen says that it holds', () => {
      const bench = trusting(technology, 'page');
      const load = `mov rbx, ${APIC}\nmov ecx, [rbx + 0x30]\nhlt`;
      expect(ran(bench, 'alice', load).rcx).toBe(0x5_0014n);
      lie(bench, 'MMIO_READ', 'rax', '0x1234');
      expect(ran(bench, 'alice', load).rcx).toBe(0x1234n);
    });
  },
);

it('a kernel that looks into its CPUID page hears no lie about the C-bit', () => {
  const bench = trusting('sev-snp', 'page');
  lie(bench, 'CPUID', 'rbx', BIT_46);
  ran(bench, 'alice', ASK);
  expect(bench.state.need('guest', 1).believesCBit).toBeUndefined();
  bench.done(write);
});
