import { GPRS, type Registers } from '../../core/registers';
import { EXIT } from '../../cpu/exits';
import { inputsOf, naeEvent } from '../../cpu/ghcb/events';
import type { GhcbField, GhcbValues } from '../../cpu/ghcb/layout';
import { SOFTWARE_EVENT } from '../../cpu/ghcb/softwareEvents';

/** What a guest asks for through its GHCB. */
export interface Request {
  readonly code: number;
  readonly info1: bigint;
  readonly info2: bigint;
  /** Values that are no registers of the interrupted program: `rax` of a debug register, `swScratch`. */
  readonly own?: GhcbValues;
  /** The kernel goes on when the hypervisor does not take it: whoever asks looks at the answer. */
  readonly mayBeRefused?: true;
}

/** The exit code of a request that this kernel has no words for. */
export const unsupported = (code: number): Request => ({
  code: SOFTWARE_EVENT.UNSUPPORTED,
  info1: BigInt(code),
  info2: 0n,
});

const CPL = 0n;

function worth(field: GhcbField, registers: Registers, own: GhcbValues): bigint {
  const given = own[field];
  if (given !== undefined) return given;
  if (field === 'cpl') return CPL;
  return field in registers ? registers[field as keyof Registers] : 0n;
}

/**
 * The fields that a request needs, and no others: what is not put into the GHCB stays sealed in the VMSA. With `everything`
 * the kernel hands out all general registers, as a careless one might.
 */
export function fieldsFor(
  request: Request,
  registers: Registers,
  shares: 'needed' | 'everything',
): GhcbValues {
  const { code, info1, info2, own = {} } = request;
  const event = naeEvent(code);
  const needed = event ? inputsOf(event, { info1, info2, rax: worth('rax', registers, own) }) : [];
  const all: readonly GhcbField[] =
    shares === 'everything' ? [...needed, ...GPRS.filter((r) => r !== 'rsp')] : needed;
  const values = Object.fromEntries(all.map((field) => [field, worth(field, registers, own)]));
  return { ...values, swExitCode: BigInt(code), swExitInfo1: info1, swExitInfo2: info2 } as GhcbValues;
}

/** Reasons that the kernel forwards as they are. */
export const FORWARDED: readonly number[] = [
  EXIT.CPUID,
  EXIT.MSR,
  EXIT.RDTSC,
  EXIT.RDTSCP,
  EXIT.RDPMC,
  EXIT.WBINVD,
  EXIT.INVD,
  EXIT.MONITOR,
  EXIT.MWAIT,
  EXIT.VMMCALL,
];
