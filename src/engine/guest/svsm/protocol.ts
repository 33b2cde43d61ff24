import type { Rule } from '../../core/fault';

/** How a kernel below VMPL0 calls the monitor above it. */
export const SVSM_RULES = {
  call: {
    id: 'svsm.call',
    says: 'The kernel marks a call as pending in the calling area, puts protocol and number into RAX and asks the hypervisor to run VMPL0; the monitor answers in RAX of the kernel’s VMSA and clears the mark.',
    source:
      'SVSM specification #58019; Linux arch/x86/coco/sev/core.c (svsm_perform_ghcb_protocol); coconut-svsm',
    standing: 'published',
  },
  stored: {
    id: 'svsm.vmsa-stored',
    says: 'At each exit of the kernel hardware stores its registers into the VMSA: the monitor expects nothing that it wrote there.',
    source: 'APM vol. 2 §15.35.8',
    standing: 'published',
  },
  pending: {
    id: 'svsm.pending',
    says: 'A mark that still stands says that nobody served the call.',
    source: 'Linux arch/x86/coco/sev/shared.c (svsm_process_result_codes)',
    standing: 'published',
  },
  own: {
    id: 'svsm.own-pages',
    says: 'The monitor does nothing with pages of its own for anybody.',
    source: 'coconut-svsm kernel/src/mm (valid_phys_address)',
    standing: 'published',
  },
  vmsa: {
    id: 'svsm.vmsa',
    says: 'The monitor makes a page a VMSA only when nobody below can write it any more and it says the kernel’s VMPL and SNPActive.',
    source: 'coconut-svsm kernel/src/protocols/core.rs (core_create_vcpu)',
    standing: 'published',
  },
  cleared: {
    id: 'svsm.clears',
    says: 'A page that the monitor has validated it clears before the kernel gets it: the hypervisor may have left something there.',
    source: 'coconut-svsm kernel/src/protocols/core.rs (core_pvalidate_one)',
    standing: 'published',
  },
  vault: {
    id: 'svsm.vault',
    says: 'The monitor keeps one secret for the kernel and signs with it (HMAC with SHA-256): it never gives it back.',
    source: 'modelled: stands for a virtual TPM, which the SVSM specification #58019 has as protocol 2',
    standing: 'modelled',
  },
  refused: {
    id: 'svsm.refused',
    says: 'The monitor answers with a code; from 0x80000000 on it is an error.',
    source: 'SVSM specification #58019; Linux arch/x86/include/asm/sev.h',
    standing: 'published',
  },
} as const satisfies Record<string, Rule>;

/** Protocol (RAX 63:32) and number (31:0) of each call; those of the vault are ours. */
export const CALLS = {
  PVALIDATE: { protocol: 0, number: 1 },
  CREATE_VCPU: { protocol: 0, number: 2 },
  DELETE_VCPU: { protocol: 0, number: 3 },
  KEEP: { protocol: 2, number: 0 },
  SIGN: { protocol: 2, number: 1 },
} as const;
export type SvsmCall = keyof typeof CALLS;

export const raxOf = (call: SvsmCall): bigint =>
  (BigInt(CALLS[call].protocol) << 32n) | BigInt(CALLS[call].number);

export const callOf = (rax: bigint): SvsmCall | null =>
  (Object.keys(CALLS) as SvsmCall[]).find((call) => raxOf(call) === rax) ?? null;

/** What the monitor leaves in RAX. */
export const RESULTS = {
  SUCCESS: 0n,
  UNSUPPORTED_CALL: 0x8000_0002n,
  INVALID_ADDRESS: 0x8000_0003n,
  INVALID_PARAMETER: 0x8000_0005n,
  PVALIDATE_SIZEMISMATCH: 0x8000_1006n,
  PVALIDATE_NOCHANGE: 0x8000_1010n,
} as const;
export type SvsmResult = keyof typeof RESULTS;

export const resultOf = (rax: bigint): SvsmResult | null =>
  (Object.keys(RESULTS) as SvsmResult[]).find((name) => RESULTS[name] === rax) ?? null;

/** The page that kernel and monitor share: byte 0 says that a call is pending; modelled: a buffer behind it. */
export const AREA = { pending: 0, buffer: 0x100, most: 0xf00 } as const;

/**
 * The list of a PVALIDATE call (Linux arch/x86/include/asm/sev.h, struct svsm_pvalidate_call): entries in bytes 1:0, the next in
 * 3:2, and from byte 8 on 64 bits each: 1:0 size, 2 validate, 3 ignore CF, 63:12 the page.
 */
export const LIST = { count: 0, next: 2, entries: 8, most: 256, bytes: 8 + 256 * 8 } as const;

export const listEntry = (gpa: number, validate: boolean): bigint => BigInt(gpa) | (validate ? 4n : 0n);
