import type { Technology } from '../../engine/core/config';
import { LEVELS, levelsFrom, MITIGATED } from '../../lab/levels';
import type { AttackCard, Place } from '../../worker/protocol';

/** A cell of a row: its name in the computed matrix, and on which machine it is played. */
export interface Column {
  readonly name: string;
  readonly technology: Technology;
  readonly mitigation: string | null;
  /** What the mitigation is. */
  readonly says: string | null;
}

/** The levels of a row; null where nobody asks: an attack that needs encryption to be one is not tried without. */
export const levelsOf = ({ from }: AttackCard): readonly (Column | null)[] =>
  LEVELS.map((level) =>
    levelsFrom(from).includes(level) ? { ...level, mitigation: null, says: null } : null,
  );

export const mitigationsOf = ({ mitigations }: AttackCard): readonly Column[] =>
  mitigations.map(({ id, says }) => ({ name: id, technology: MITIGATED, mitigation: id, says }));

/** Where a cell is played: at the step that decides, or before the first where that is not known or there is none. */
export const placeOf = (
  { id }: AttackCard,
  { technology, mitigation }: Column,
  step: number | null,
): Extract<Place, { kind: 'scenario' }> => ({
  kind: 'scenario',
  id,
  step: step ?? 0,
  technology,
  ...(mitigation === null ? {} : { mitigation }),
});

/** For a screen reader: the machine of a cell in words. */
export const spokenColumn = ({ name, mitigation }: Column): string =>
  mitigation === null ? name : `SEV-SNP with ${name}`;
