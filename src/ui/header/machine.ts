import type { Generation, MachineConfig, SmePolicy, Technology } from '../../engine/core/config';
import type { EncryptionMode } from '../../engine/core/encryption';

/** What the settings are called on screen, and what they mean. */
export const GENERATION_NAMES: Readonly<
  Record<Generation, { readonly title: string; readonly hint: string }>
> = {
  naples: { title: 'Naples', hint: 'EPYC 7001, Zen: SME and SEV' },
  rome: { title: 'Rome', hint: 'EPYC 7002, Zen 2: more ASIDs' },
  milan: { title: 'Milan', hint: 'EPYC 7003, Zen 3' },
  genoa: { title: 'Genoa', hint: 'EPYC 9004, Zen 4' },
  turin: { title: 'Turin', hint: 'EPYC 9005, Zen 5' },
};

export const TECHNOLOGY_NAMES: Readonly<
  Record<Technology, { readonly title: string; readonly hint: string }>
> = {
  off: { title: 'Off', hint: 'Memory encryption is switched off' },
  sme: { title: 'SME', hint: 'One key for the host; the C-bit chooses the pages' },
  sev: { title: 'SEV', hint: 'A key for each guest, chosen by its ASID' },
  'sev-es': { title: 'SEV-ES', hint: 'SEV, and guests whose registers are encrypted, too' },
  'sev-snp': { title: 'SEV-SNP', hint: 'SEV-ES, and an RMP: whose is each page' },
};

export const POLICY_NAMES: Readonly<Record<SmePolicy, string>> = {
  full: 'Full: all of the host',
  partial: 'Partial: some pages',
  none: 'None',
};

export const MODE_NAMES: Readonly<
  Record<EncryptionMode, { readonly title: string; readonly short: string; readonly hint: string }>
> = {
  'xex-linear': {
    title: 'XEX, linear tweak',
    short: 'XEX',
    hint: 'tweak before and after the cipher, its constants published',
  },
  'xe-linear': {
    title: 'XE, linear tweak',
    short: 'XE',
    hint: 'tweak before the cipher only, as the first parts did',
  },
  'xex-k2': { title: 'XEX, second key', short: 'XEX, two keys', hint: 'the tweak comes from a second key' },
  'xts-page': { title: 'XTS by page', short: 'XTS', hint: 'as storage is encrypted' },
  ecb: { title: 'No tweak (ECB)', short: 'no tweak', hint: 'for teaching: equal blocks stay equal' },
};

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function size(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

const MIB = 2 ** 20;
const SMALLEST_MEMORY = 4 * MIB;

/** 4 MiB, 8 MiB, … 1 TiB. */
export const MEMORY_SIZES: readonly number[] = Array.from(
  { length: 19 },
  (_, power) => SMALLEST_MEMORY * 2 ** power,
);

/** For the header: what it is, and its particulars. */
export function summarise({
  generation,
  memory,
  seed,
  encryption,
  tsme,
  without,
}: MachineConfig): readonly [string, string] {
  const particulars = [size(memory), `seed ${seed}`, MODE_NAMES[encryption].short];
  if (tsme) particulars.push('TSME');
  if (without) particulars.push(`what if ${without} were missing`);
  return [`EPYC ${GENERATION_NAMES[generation].title}`, particulars.join(' · ')];
}

/** A machine being chosen. */
export type Draft = Pick<
  MachineConfig,
  'generation' | 'memory' | 'seed' | 'sme' | 'tsme' | 'xen' | 'writeBack' | 'without'
> & {
  /** Null: the mode that stands for the generation. */
  readonly encryption: EncryptionMode | null;
};

/** Only what differs: the rest follows from it, such as the cipher mode from the generation. */
export const changed = (draft: Draft, config: MachineConfig): Partial<MachineConfig> =>
  Object.fromEntries(
    Object.entries(draft).filter(([name, value]) => value !== null && value !== config[name as keyof Draft]),
  );

const LARGEST_SEED = 2 ** 32 - 1;
export const seedFits = (seed: number): boolean =>
  Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED;
