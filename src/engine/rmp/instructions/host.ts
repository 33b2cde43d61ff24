import type { Rule } from '../../core/fault';
import type { Platform } from '../../core/platform';
import { snpEnabled } from '../table';
import type { Ended, Instruction, InstructionCheck } from './instruction';

/** In what a core executes an instruction of the host. */
export interface HostContext {
  /** For the record: `xen`. */
  readonly actor: string;
  /** 64-bit mode. */
  readonly longMode: boolean;
  readonly cpl: number;
  /** 0, or a guest tries. */
  readonly asid: number;
}

export interface HostSituation {
  readonly p: Platform;
  readonly context: HostContext;
  /** SPA that it is about. */
  readonly spa: number;
}

const rule = (id: string, says: string, source: string, standing: Rule['standing']): Rule => ({
  id,
  says,
  source,
  standing,
});

const MODE = rule(
  'rmp.host-mode',
  'RMPUPDATE and PSMASH exist in 64-bit mode while SNP is enabled.',
  'modelled: APM vol. 3 could not be compared; cpu-and-rmp.md E.4',
  'modelled',
);
const CPL = rule(
  'rmp.host-cpl',
  'Instructions of SNP need CPL 0.',
  'microsoft/verismo source/verismo/src/arch (mem_s.rs, x64_s.rs)',
  'published',
);
const ASID = rule(
  'rmp.host-asid',
  'In a guest the host’s instructions fail for want of permission.',
  'MicrosoftDocs cpp-docs docs/intrinsics/rmpupdate.md; microsoft/verismo has #GP instead',
  'published',
);

/** In 64-bit mode with SNP enabled. */
export const modeCheck: InstructionCheck<HostSituation> = {
  rule: MODE,
  ends: '#UD',
  refuses: ({ p, context }) => !snpEnabled(p) || !context.longMode,
  remedy: '64-bit mode, and SYSCFG.SecureNestedPagingEn.',
};

export const cplCheck: InstructionCheck<{ readonly context: { readonly cpl: number } }> = {
  rule: CPL,
  ends: '#GP',
  refuses: ({ context }) => context.cpl !== 0,
  remedy: 'CPL 0.',
};

export const hostCheck: InstructionCheck<HostSituation> = {
  rule: ASID,
  ends: 'FAIL_PERMISSION',
  refuses: ({ context }) => context.asid !== 0,
  remedy: 'The host, whose ASID is 0.',
};

/** What an instruction leaves that leaves only EAX. */
export const onlyEax = {
  failed: (ended: Ended) => ended,
  shows: ({ eax }: Ended) => ({ eax }),
} as const satisfies Partial<Instruction<never, Ended>>;
