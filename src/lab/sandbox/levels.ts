import type { PartialConfig } from '../../engine/config';
import type { Technology } from '../../engine/core/config';
import type { FixName } from '../../engine/core/fixNames';

/** What protects Alice in a game: a technology, and on the last level what vendors and a careful owner add to it. */
export const SANDBOX_LEVELS = ['sme', 'sev', 'sev-es', 'sev-snp', 'sev-snp-hardened'] as const;
export type SandboxLevel = (typeof SANDBOX_LEVELS)[number];

export interface LevelFacts {
  readonly title: string;
  readonly says: string;
  readonly technology: Technology;
  readonly machine: Pick<PartialConfig, 'technology' | 'generation' | 'cacheLines'> & {
    readonly fixes?: FixName[];
  };
  /** Settings of Alice behind `xl create`. */
  readonly extra: string;
  /** Her kernel looks twice at what the hypervisor answers. */
  readonly careful: boolean;
  /** Her first free page, behind what her kernel needs on this technology. */
  readonly firstPage: number;
}

/** A cache of one page: whoever works on another page has emptied it. */
const CACHE_LINES = 64;

const plain = (technology: Technology) => ({ technology, cacheLines: CACHE_LINES });

export const LEVELS: Readonly<Record<SandboxLevel, LevelFacts>> = {
  sme: {
    title: 'SME',
    says: 'One key for the whole host. What leaves the chip is encrypted; the hypervisor is inside.',
    technology: 'sme',
    machine: plain('sme'),
    extra: 'memory=1',
    careful: false,
    firstPage: 6,
  },
  sev: {
    title: 'SEV',
    says: 'Alice’s memory has a key of its own. Her registers, and who may write where, have no protection.',
    technology: 'sev',
    machine: plain('sev'),
    extra: 'memory=1',
    careful: false,
    firstPage: 6,
  },
  'sev-es': {
    title: 'SEV-ES',
    says: 'Her registers are encrypted, too. The hypervisor still maps and writes every page.',
    technology: 'sev-es',
    machine: plain('sev-es'),
    extra: 'memory=1',
    careful: false,
    firstPage: 7,
  },
  'sev-snp': {
    title: 'SEV-SNP',
    says: 'The RMP knows whose each page is, and where in its guest. The ciphertext can still be looked at.',
    technology: 'sev-snp',
    machine: plain('sev-snp'),
    extra: 'memory=1',
    careful: false,
    firstPage: 9,
  },
  'sev-snp-hardened': {
    title: 'SEV-SNP, hardened',
    says: 'And ciphertext is hidden from the host, the firmware moves none of her pages, her kernel trusts no answer.',
    technology: 'sev-snp',
    machine: {
      ...plain('sev-snp'),
      generation: 'turin',
      fixes: ['ciphertext-hiding', 'page-swap-policy'],
    },
    extra: 'memory=1 sev_policy=0x2030000',
    careful: true,
    firstPage: 9,
  },
};

/** The level to which a game goes on when only the technology is chosen; null: none is played there. */
export const levelOf = (technology: Technology): SandboxLevel | null =>
  SANDBOX_LEVELS.find((level) => LEVELS[level].technology === technology) ?? null;
