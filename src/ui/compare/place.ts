import { TECHNOLOGIES } from '../../engine/core/config';
import { LEVELS, MITIGATED } from '../../lab/levels';
import { formatSide, MOST_SIDES, parseSide, type Side } from '../../lab/side';
import type { ComparedScript } from '../../worker/compare/protocol';

/** What the address of a comparison says: `<scenario>/<machine>,<machine>/<step>`, all but the scenario perhaps missing. */
export interface ComparePlace {
  readonly id: string;
  readonly sides: readonly Side[];
  /** Steps that are done. */
  readonly step: number;
}

/** What follows the room’s name in the address. Machines that there are not are left out. */
export function readPlace(rest: string): ComparePlace {
  const [id = '', sides = '', step = ''] = rest.split('/');
  return {
    id,
    sides: sides
      .split(',')
      .flatMap((text) => parseSide(text) ?? [])
      .slice(0, MOST_SIDES),
    step: /^\d{1,4}$/.test(step) ? Number(step) : 0,
  };
}

/** The path of the room, for the address. */
export const roomOf = ({ id, sides, step }: ComparePlace): string =>
  sides.length === 0 ? `compare/${id}` : `compare/${id}/${sides.map(formatSide).join(',')}/${step}`;

const plain = (technology: Side['technology'], mitigation: string | null = null): Side => ({
  technology,
  mitigation,
  generation: null,
  without: null,
});

/** With what a comparison begins: the technologies that have what is attacked, and the mitigations; the last four of these. */
export function usualSides({ attack }: ComparedScript): Side[] {
  const from = TECHNOLOGIES.indexOf(attack?.from ?? 'sme');
  const levels = LEVELS.filter(({ technology }) => TECHNOLOGIES.indexOf(technology) >= from);
  const mitigations = attack?.mitigations ?? [];
  return [
    ...levels.map(({ technology }) => plain(technology)),
    ...mitigations.map(({ id }) => plain(MITIGATED, id)),
  ].slice(-MOST_SIDES);
}

/** A machine that a comparison does not have yet. */
export function anotherSide(sides: readonly Side[]): Side {
  const known = new Set(sides.map(formatSide));
  const candidates = [
    ...[...LEVELS].reverse().map(({ technology }) => plain(technology)),
    { ...plain('sev-snp'), without: 'rmp.hypervisor-owned' as const },
    { ...plain('sev-snp'), without: 'rmp.reverse-map' as const },
  ];
  return candidates.find((side) => !known.has(formatSide(side))) ?? plain('sev-snp');
}
