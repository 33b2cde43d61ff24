import fc from 'fast-check';
import { GUEST_BASE, PAGE_SIZE } from '../core/address';
import { GPRS } from '../core/registers';
import { LAPIC_BASE } from '../xen/exits/apic';

const value = fc.oneof(
  fc.constantFrom(0, 1, 13, 0x6000, 0x8000_0000, 0x8000_001f, GUEST_BASE),
  fc.nat(20).map((page) => GUEST_BASE + page * PAGE_SIZE),
);
const register = fc.constantFrom(...GPRS.filter((name) => name !== 'rsp'));

const GHCB_MSR = 'mov ecx, 0xc0010130';
const APIC = `mov rbx, ${GUEST_BASE + LAPIC_BASE}`;

const line = fc.oneof(
  fc.constantFrom(
    'cpuid',
    'mov eax, 0x8000001f\nxor ecx, ecx\ncpuid',
    'rdtsc',
    'rdtscp',
    'rdpmc',
    'rdmsr',
    'mov ecx, 0xc0010131\nrdmsr',
    'mov ecx, 0x277\nrdmsr\nwrmsr',
    'xor ecx, ecx\nxor edx, edx\nmov eax, 7\nxsetbv',
    'vmmcall',
    'vmgexit',
    'wbinvd',
    'invd',
    'monitor',
    'mwait',
    'pause',
    'hlt',
    'ud2',
    'in al, 0x60',
    'out 0xe9, al',
    'mov rdi, dr7\nmov dr7, rdi',
    'lea rsi, [data]\nmov ecx, 5\nmov edx, 0xe9\nrep outsb',
    'lea rdi, [data]\nmov ecx, 3\nmov edx, 0x60\nrep insw',
    'mov ecx, 9\nagain: inc rdx\nloop again',
    'call data',
  ),
  fc
    .constantFrom(1, 2, 4, 6, 0x16, 0x80, 0x100, 0x123, 0x6000, 0x7000)
    .map((low) => `${GHCB_MSR}\nmov eax, ${low}\nxor edx, edx\nwrmsr\nvmgexit`),
  fc
    .constantFrom(0x20, 0x80, 0x300, 0x310)
    .map((at) => `${APIC}\nmov [rbx + ${at}], eax\nmov ecx, [rbx + ${at}]`),
  fc.tuple(register, value).map(([name, to]) => `mov ${name}, ${to}`),
  fc.tuple(register, register).map(([to, from]) => `mov ${to}, ${from}`),
  fc.tuple(register, register).map(([to, at]) => `mov ${to}, [${at}]`),
  fc.tuple(register, register).map(([at, from]) => `mov [${at}], ${from}`),
  fc.tuple(register, register).map(([from, to]) => `push ${from}\npop ${to}`),
);

/** Programs for a guest: most of them run, and most of what they do leaves it; a few are no programs. */
export const program: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .uniqueArray(line, { minLength: 1, maxLength: 6 })
      .map((lines) => [...lines, 'hlt', 'data: ascii "0123456789abcdef"', 'ret'].join('\n')),
  },
  { weight: 1, arbitrary: fc.constantFrom('; nothing', 'nop\nfrob rax', 'x'.repeat(300)) },
);
