import { ArrowUpRight } from 'lucide-react';
import { useMemo } from 'react';
import type { SideStep } from '../../lab/lockstep';
import type { Parting } from '../../lab/partings';
import { type Side, sideName } from '../../lab/side';
import type { PlayedSide } from '../../store/compare';
import { openPlace } from '../../store/session';
import { showStep } from '../../store/transport';
import type { ComparedScript } from '../../worker/compare/protocol';
import { Waiting } from '../kit/Waiting';
import { ColumnHead } from './ColumnHead';
import { differingBytes } from './differs';
import { SideLamps } from './SideLamps';
import { SideMap } from './SideMap';
import { SideOutcome } from './SideOutcome';
import { Sights } from './Sights';

interface Props {
  readonly index: number;
  readonly side: Side;
  readonly script: ComparedScript;
  readonly played: PlayedSide | undefined;
  /** What the step came to on every machine; null before the first, and while it is played. */
  readonly row: readonly SideStep[] | null;
  readonly step: number;
  /** How the machines stand apart after this step. */
  readonly partings: readonly Parting[];
  readonly onChange: (side: Side) => void;
  /** Null: no fewer machines than these can be compared. */
  readonly onRemove: (() => void) | null;
}

/** One machine after the current step. */
export function Column({ index, side, script, played, row, step, partings, onChange, onRemove }: Props) {
  const record = played?.records[step - 1] ?? null;
  const here = played?.feeds[step] !== undefined;
  const of = (kind: Parting['kind']) => partings.find((each) => each.kind === kind) ?? null;
  const bytesPart = of('bytes') !== null;
  const differs = useMemo(
    () => (row && bytesPart ? differingBytes(row, index) : null),
    [row, bytesPart, index],
  );
  return (
    <article className="compare-side" aria-label={sideName(side)}>
      <ColumnHead {...{ side, script, onChange, onRemove }} outcome={played?.outcome ?? null} />
      {here && played ? (
        <>
          <SideLamps record={record} parting={of('lamps')} />
          <SideMap side={side} played={played} step={step} record={record} parting={of('map')} />
          {record?.watched && <Sights name={sideName(side)} watched={record.watched} differs={differs} />}
          {record && (
            <SideOutcome name={sideName(side)} record={record} parting={of('script')} index={index} />
          )}
        </>
      ) : (
        <Waiting what="Playing the script" />
      )}
      <button type="button" className="button button-small" onClick={() => void openSide(script, side, step)}>
        <ArrowUpRight aria-hidden />
        Open this side
        <span className="visually-hidden">: {sideName(side)}</span>
      </button>
    </article>
  );
}

/** The ordinary view of one machine, where the comparison stands. */
async function openSide({ id }: ComparedScript, side: Side, step: number): Promise<void> {
  const { technology, mitigation, generation, without } = side;
  const opened = await openPlace({
    kind: 'scenario',
    id,
    step,
    technology,
    ...(mitigation && { mitigation }),
    ...(generation && { generation }),
    ...(without && { without }),
  });
  if (opened && step > 0) showStep(step);
}
