import type { Platform } from '../../core/platform';
import { PROCESSOR_SIGNATURES } from '../../cpu/signature';
import type { Asked, Emulator } from './answer';

/** EAX, EBX, ECX, EDX. */
type Leaf = readonly [eax: number, ebx: number, ecx: number, edx: number];

const letters = (text: string): number =>
  [...text].reduceRight((value, letter) => value * 256 + letter.charCodeAt(0), 0);

const XEN: Leaf = [0x4000_0005, letters('XenV'), letters('MMXe'), letters('nVMM')];
const VENDOR = [letters('Auth'), letters('cAMD'), letters('enti')] as const;
const NONE: Leaf = [0, 0, 0, 0];

/** Bit 31 of Fn0000_0001[ECX]: somebody else answers. */
const HYPERVISOR = 0x8000_0000;
const APIC = 1 << 9;
/** Fn0000_0001[EBX] bits 15:8: a line in units of 8 bytes. */
const CLFLUSH = 8 << 8;
/** Bytes of an XSAVE area with x87 and SSE state, and with AVX state too (APM vol. 3 Fn0000_000D). */
const XSAVE = { legacy: 0x240, avx: 0x340 };

/** Fn0000_000D: the area as it is switched on, and the part of it that AVX takes: its size, and where it lies. */
function xsave(subleaf: number, avx: boolean): Leaf {
  if (subleaf === 0) return [7, avx ? XSAVE.avx : XSAVE.legacy, XSAVE.avx, 0];
  return subleaf === 2 ? [XSAVE.avx - XSAVE.legacy, XSAVE.legacy, 0, 0] : NONE;
}

/**
 * What Xen lets a guest see: Fn8000_001F only where the guest is encrypted, as the processor has it (RFC 2025-05-16: passed
 * through; upstream hides it). Modelled: a handful of leaves, the others are zero.
 */
function leafOf(p: Platform, { domain, vcpu, read }: Asked, leaf: number): Leaf {
  const { fn8000001f, fn80000008eax } = p.state.need('cpuid');
  switch (leaf) {
    case 0:
      return [0xd, ...VENDOR];
    case 1:
      return [PROCESSOR_SIGNATURES[p.config.generation], (vcpu << 24) | CLFLUSH, HYPERVISOR, APIC];
    case 0xd:
      return xsave(Number(BigInt.asUintN(32, read('rcx'))), (read('xcr0') & 4n) !== 0n);
    case 0x4000_0000:
      return XEN;
    case 0x8000_0000:
      return [0x8000_001f, ...VENDOR];
    case 0x8000_0008:
      return [fn80000008eax, 0, 0, 0];
    case 0x8000_001f:
      return domain.sev ? [fn8000001f.eax, fn8000001f.ebx, fn8000001f.ecx, fn8000001f.edx] : NONE;
    default:
      return NONE;
  }
}

/** CPUID of a guest: RAX the leaf; the four registers of the answer have 32 bits. */
export const cpuid: Emulator = (p, asked) => {
  const leaf = leafOf(p, asked, Number(BigInt.asUintN(32, asked.read('rax'))));
  const [rax, rbx, rcx, rdx] = leaf.map((value) => BigInt(value >>> 0)) as [bigint, bigint, bigint, bigint];
  return { registers: { rax, rbx, rcx, rdx } };
};
