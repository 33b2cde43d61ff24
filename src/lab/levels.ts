import type { Technology } from '../engine/core/config';

/** A column of the matrix: what protects the machine, as the literature names it. */
export interface Level {
  readonly name: 'NONE' | 'SME' | 'SEV' | 'SEV-ES' | 'SEV-SNP';
  readonly technology: Technology;
}

export const LEVELS: readonly Level[] = [
  { name: 'NONE', technology: 'off' },
  { name: 'SME', technology: 'sme' },
  { name: 'SEV', technology: 'sev' },
  { name: 'SEV-ES', technology: 'sev-es' },
  { name: 'SEV-SNP', technology: 'sev-snp' },
];

/** The levels on which an attack is tried; without encryption only one that needs none to be one. */
export const levelsFrom = (from: Technology | undefined): readonly Level[] =>
  LEVELS.filter(({ technology }) => technology !== 'off' || from === 'off');

/** The level on which mitigations are tried. */
export const MITIGATED: Technology = 'sev-snp';
