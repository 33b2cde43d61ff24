import { encodeCpuidPage } from '../../asp/snp/cpuidPage';
import type { CpuidEntry } from '../../asp/snp/cpuidPolicy';
import type { DomainCell } from '../../core/cells';
import type { Platform } from '../../core/platform';
import { cpuid } from './cpuid';

/** Leaves that an SNP guest finds in its CPUID page: those that Xen knows. XCR0 as a vCPU starts with it: x87. */
const LEAVES: readonly (readonly [leaf: number, subleaf: number])[] = [
  [0, 0],
  [1, 0],
  [0xd, 0],
  [0xd, 2],
  [0x4000_0000, 0],
  [0x8000_0000, 0],
  [0x8000_0008, 0],
  [0x8000_001f, 0],
];
const XCR0 = 1n;

function entryOf(p: Platform, domain: DomainCell, leaf: number, subleaf: number): CpuidEntry {
  const given: Readonly<Record<string, bigint>> = { rax: BigInt(leaf), rcx: BigInt(subleaf), xcr0: XCR0 };
  const read = (name: string) => given[name] ?? 0n;
  const asked = { domain, vcpu: 0, complex: 0, info1: 0n, info2: 0n, read, bytes: new Uint8Array() };
  const answer = cpuid(p, asked);
  const value = (name: 'rax' | 'rbx' | 'rcx' | 'rdx'): number =>
    'exception' in answer ? 0 : Number(answer.registers[name] ?? 0n);
  const [xcr0, xss] = leaf === 0xd && subleaf === 0 ? [XCR0, 0n] : [0n, 0n];
  const [eax, ebx, ecx, edx] = [value('rax'), value('rbx'), value('rcx'), value('rdx')];
  return { leaf, subleaf, xcr0, xss, eax, ebx, ecx, edx, reserved: 0n };
}

/** The CPUID page that Xen offers the firmware: what it would answer the guest’s first vCPU, 4096 bytes. */
export const cpuidTable = (p: Platform, domain: DomainCell): Uint8Array =>
  encodeCpuidPage(LEAVES.map(([leaf, subleaf]) => entryOf(p, domain, leaf, subleaf)));
