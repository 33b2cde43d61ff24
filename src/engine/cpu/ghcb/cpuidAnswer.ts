import type { Rule } from '../../core/fault';
import { STATUS_SEV, STATUS_SEV_ES } from '../sevFeatures';
import type { AnswerProblem } from './answer';

/** What a careful guest knows of CPUID before it asks: answers come from the hypervisor and may be lies. */
const CPUID_RULES = {
  width: {
    id: 'ghcb.cpuid.width',
    says: 'CPUID returns 32 bits in each register.',
    source: 'modelled: APM vol. 3 (CPUID); Linux copies all 64',
    standing: 'modelled',
  },
  leaf: {
    id: 'ghcb.cpuid.leaf',
    says: 'A guest that received #VC has SEV-ES, so that CPUID must have Fn8000_001F.',
    source: 'Linux sev-shared.c (do_vc_no_ghcb)',
    standing: 'published',
  },
  sev: {
    id: 'ghcb.cpuid.sev',
    says: 'A guest that received #VC has SEV, so that Fn8000_001F must say so.',
    source: 'Linux sev-shared.c (do_vc_no_ghcb)',
    standing: 'published',
  },
  es: {
    id: 'ghcb.cpuid.es',
    says: 'Fn8000_001F must have SEV-ES where SEV_STATUS, which nobody can fake, has it.',
    source: 'modelled: the same thought for SEV-ES',
    standing: 'modelled',
  },
  cBit: {
    id: 'ghcb.cpuid.c-bit',
    says: 'The C-bit must lie where the hypervisor said at first, and above bit 31.',
    source: 'modelled: EDK2 ResetVector AmdSev.asm looks at bit 31 only, Linux tries the bit out later',
    standing: 'modelled',
  },
  xsave: {
    id: 'ghcb.cpuid.xsave',
    says: 'Fn0000_000D must allow what XCR0 has on, in an area of at least 0x240 bytes and at most the largest one.',
    source: 'modelled: APM vol. 3 (Fn0000_000D); with SEV-SNP Linux works the size out itself',
    standing: 'modelled',
  },
} as const satisfies Record<string, Rule>;

/** A CPUID answer: the registers as the GHCB holds them. */
export interface CpuidAnswer {
  readonly leaf: number;
  readonly subleaf: number;
  readonly eax: bigint;
  readonly ebx: bigint;
  readonly ecx: bigint;
  readonly edx: bigint;
}

/** What a guest trusts more than the answer. */
export interface CpuidKnown {
  /** Position of the C-bit, from the first agreement (GHCB MSR code 001). */
  readonly cBit: number;
  readonly sevStatus: bigint;
  readonly xcr0: bigint;
}

const HIGHEST_LEAF = 0x8000_0000;
const ENCRYPTION_LEAF = 0x8000_001f;
const XSAVE_LEAF = 0xd;
const SEV_BIT = 2n;
const SEV_ES_BIT = 8n;
/** The legacy area and the header of XSAVE. */
const SMALLEST_XSAVE = 0x240n;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The values of a CPUID answer that a careful guest refuses; empty when it may use them. */
export function checkCpuidAnswer(answer: CpuidAnswer, known: CpuidKnown): readonly AnswerProblem[] {
  const wide = (['eax', 'ebx', 'ecx', 'edx'] as const).find((name) => answer[name] >> 32n !== 0n);
  if (wide) return [problem('width', `${wide.toUpperCase()} is ${hex(answer[wide])}.`)];
  if (answer.leaf === HIGHEST_LEAF)
    return answer.eax < BigInt(ENCRYPTION_LEAF)
      ? [problem('leaf', `The highest leaf is ${hex(answer.eax)}.`)]
      : [];
  if (answer.leaf === ENCRYPTION_LEAF) return badEncryption(answer, known);
  if (answer.leaf === XSAVE_LEAF && answer.subleaf === 0) return badXsave(answer, known);
  return [];
}

const problem = (rule: keyof typeof CPUID_RULES, message: string): AnswerProblem => ({
  rule: CPUID_RULES[rule],
  message,
});

function badEncryption({ eax, ebx }: CpuidAnswer, { cBit, sevStatus }: CpuidKnown): AnswerProblem[] {
  const problems: AnswerProblem[] = [];
  const told = Number(ebx & 0x3fn);
  if ((sevStatus & STATUS_SEV) !== 0n && (eax & SEV_BIT) === 0n)
    problems.push(problem('sev', `EAX is ${hex(eax)}, without bit 1.`));
  if ((sevStatus & STATUS_SEV_ES) !== 0n && (eax & SEV_ES_BIT) === 0n)
    problems.push(problem('es', `EAX is ${hex(eax)}, without bit 3.`));
  if (told !== cBit || told < 32)
    problems.push(problem('cBit', `EBX says bit ${told}; the first agreement was bit ${cBit}.`));
  return problems;
}

function badXsave({ eax, ebx, ecx, edx }: CpuidAnswer, { xcr0 }: CpuidKnown): AnswerProblem[] {
  const allowed = eax | (edx << 32n);
  if ((xcr0 & ~allowed) !== 0n)
    return [problem('xsave', `XCR0 is ${hex(xcr0)}, of which ${hex(allowed)} is allowed.`)];
  return ebx < SMALLEST_XSAVE || ebx > ecx
    ? [problem('xsave', `The area is ${hex(ebx)} bytes, the largest one ${hex(ecx)}.`)]
    : [];
}
