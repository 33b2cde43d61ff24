import { CircleCheck, Diamond, X } from 'lucide-react';
import { PROMISED } from '../../engine/core/lamps';
import { capital } from '../../engine/core/words';
import type { SideStep } from '../../lab/lockstep';
import type { Parting } from '../../lab/partings';
import { PROPERTY_WORDS } from '../attacks/words';

interface Props {
  readonly record: SideStep | null;
  readonly parting: Parting | null;
}

/** The promised properties on one machine. */
export function SideLamps({ record, parting }: Props) {
  return (
    <ul className="compare-lamps" aria-label="Properties" data-parts={parting !== null}>
      {PROMISED.map((name) => {
        const broken = record?.broken.find((each) => each.name === name);
        return (
          <li key={name} data-broken={broken !== undefined} title={broken?.says}>
            {broken ? <X aria-hidden /> : <CircleCheck aria-hidden />}
            {capital(PROPERTY_WORDS[name])}
            <span className={broken ? undefined : 'visually-hidden'}> {broken ? 'broken' : 'holds'}</span>
          </li>
        );
      })}
      {parting && (
        <li className="compare-parts">
          <Diamond aria-hidden />
          differ
        </li>
      )}
    </ul>
  );
}
