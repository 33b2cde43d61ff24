import { GENERATIONS, type Generation, TECHNOLOGIES } from '../engine/core/config';
import { OMISSIONS, OMITTED_CHECKS, type OmittedCheck } from '../engine/core/omissions';
import { capital } from '../engine/core/words';
import type { Variant } from './attempt';
import { LEVELS } from './levels';

/** One machine of a comparison. */
export interface Side extends Variant {
  /** Null: the one that the script names. */
  readonly generation: Generation | null;
  /** The check that it lacks. */
  readonly without: OmittedCheck | null;
}

/** As many as can be seen beside each other. */
export const MOST_SIDES = 4;

const FORM = /^([a-z-]{1,12})(?:~([a-z][a-z0-9.-]{0,31}))?(?:@([a-z]{1,12}))?(?::([a-z][a-z0-9.-]{0,39}))?$/;

/** A machine in an address: `sev-snp~ciphertext-hiding@turin:rmp.validated`. */
export const formatSide = ({ technology, mitigation, generation, without }: Side): string =>
  `${technology}${mitigation ? `~${mitigation}` : ''}${generation ? `@${generation}` : ''}${without ? `:${without}` : ''}`;

/** Null for any other form, and for a technology, generation or check that there is not. */
export function parseSide(text: string): Side | null {
  const [, tech, mitigation = null, made, missing] = FORM.exec(text) ?? [];
  const technology = TECHNOLOGIES.find((each) => each === tech);
  const generation = GENERATIONS.find((each) => each === made) ?? null;
  const without = OMITTED_CHECKS.find((each) => each === missing) ?? null;
  if (!technology || (made && !generation) || (missing && !without)) return null;
  return { technology, mitigation, generation, without };
}

/** `SEV-SNP`. */
export const levelOf = ({ technology }: Side): string =>
  LEVELS.find((level) => level.technology === technology)?.name ?? technology;

/** What makes it another machine than its technology says: `on Genoa`, `with page-swap-disable`, `without Validated`. */
export const notesOf = ({ generation, mitigation, without }: Side): readonly string[] => [
  ...(generation ? [`on ${capital(generation)}`] : []),
  ...(mitigation ? [`with ${mitigation}`] : []),
  ...(without ? [`without ${OMISSIONS[without].name}`] : []),
];

/** For a sentence: `SEV-SNP without Validated`. */
export const sideName = (side: Side): string => [levelOf(side), ...notesOf(side)].join(' ');
