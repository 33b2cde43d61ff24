import { Ban, Check, CircleSlash, Crosshair, OctagonAlert, X } from 'lucide-react';
import type { SideStep } from '../../lab/lockstep';
import type { Parting } from '../../lab/partings';
import { ATTACK_CHECKS } from '../../scenario/checks';
import { RuleNote } from '../kit/RuleNote';

interface Props {
  /** The machine’s. */
  readonly name: string;
  readonly record: SideStep;
  readonly parting: Parting | null;
  readonly index: number;
}

/** How the step ended on one machine: it went through, or which check refused it, or it is not applicable. */
export function SideOutcome({ name, record, parting, index }: Props) {
  return (
    <section className="compare-outcome" aria-label={`This step: ${name}`} data-parts={parting !== null}>
      <Ending record={record} />
      {record.missing > 0 && record.state === 'taken' && (
        <p className="compare-absent">
          <CircleSlash aria-hidden />
          {record.missing === 1 ? 'One action' : `${record.missing} actions`} of this step: not applicable
          here.
        </p>
      )}
      {record.aim && (
        <p className="compare-aim" data-reached={record.aim.reached}>
          {record.aim.reached ? <Check aria-hidden /> : <X aria-hidden />}
          <span>
            <b>{record.aim.reached ? 'Reached: ' : 'Not reached: '}</b>
            {record.aim.says}. {record.aim.shown}
          </span>
        </p>
      )}
      {record.aim && !record.aim.reached && record.aim.unless && (
        <p className="compare-check">
          <Crosshair aria-hidden />
          <span>
            <code>{record.aim.unless}</code> {ATTACK_CHECKS[record.aim.unless].says}
          </span>
        </p>
      )}
      {parting && (
        <p className="compare-parts">
          ◆ differs from{' '}
          {otherCount(parting, index) === 1 ? 'another machine' : `${otherCount(parting, index)} others`}
        </p>
      )}
    </section>
  );
}

const otherCount = ({ groups }: Parting, index: number): number =>
  groups.filter(({ sides }) => !sides.includes(index)).reduce((sum, { sides }) => sum + sides.length, 0);

function Ending({ record: { state, why, deeds } }: { readonly record: SideStep }) {
  if (state !== 'taken')
    return (
      <p className="compare-absent">
        {state === 'absent' ? <CircleSlash aria-hidden /> : <OctagonAlert aria-hidden />}
        <span>
          <b>{state === 'absent' ? 'Not applicable. ' : 'The script goes no further. '}</b>
          {why}
        </span>
      </p>
    );
  const refused = deeds.find((deed) => deed.refused)?.refused;
  if (!refused)
    return (
      <p className="compare-through">
        <Check aria-hidden />
        {deeds.length === 0 ? 'Nothing is done in this step.' : 'Went through.'}
      </p>
    );
  return (
    <div className="compare-refused">
      <p>
        <Ban aria-hidden />
        <span>
          <b>{refused.name}</b> {refused.check && <code>{refused.check}</code>} {refused.message}
        </span>
      </p>
      <RuleNote rule={refused.rule} quiet />
    </div>
  );
}
