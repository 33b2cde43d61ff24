import { Eye, LockKeyhole } from 'lucide-react';
import type { ExitStep } from '../../../worker/protocol';
import { written } from '../shared/names';
import { Digits } from './Value';
import { digitGroups } from './words';

interface Props {
  readonly shows: NonNullable<ExitStep['shows']>;
  readonly guest: string;
}

const isNumber = (value: string): boolean => /^[0-9a-f]{2,}$/.test(value);

/** What somebody gets to see by a step: values, and how many more are zero. */
export function Carried({ shows, guest }: Props) {
  const { to, what } = shows;
  const who = to === 'xen' ? 'Xen' : written(guest);
  if (what.length === 0)
    return (
      <p className="carried">
        <LockKeyhole size={12} aria-hidden="true" /> {who} sees nothing of the other side
      </p>
    );
  const zero = what.filter(({ value }) => /^0+$/.test(value));
  const shown = zero.length > 2 ? what.filter((each) => !zero.includes(each)) : what;
  return (
    <div className="carried" data-to={to}>
      <p>
        <Eye size={12} aria-hidden="true" /> {who} sees
      </p>
      <ul>
        {shown.map(({ label, value }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an exit may tell two details under one name
          <li key={index}>
            <span>{label}</span>{' '}
            <span className="mono">{isNumber(value) ? <Digits groups={digitGroups(value)} /> : value}</span>
          </li>
        ))}
        {zero.length > 2 && (
          <li className="carried-rest">
            and {zero.length} that are 0:{' '}
            <span className="faint">{zero.map(({ label }) => label).join(' ')}</span>
          </li>
        )}
      </ul>
    </div>
  );
}
