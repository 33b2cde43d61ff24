import type { PlaceId, RegisterCellView, SideView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { written } from '../shared/names';
import { PageLink } from './PageLink';
import { headingOf, notCounted, placesOf, REACH_WORDS, swapWords } from './words';

interface Props {
  readonly sides: readonly SideView[];
  readonly name: string;
}

/** One register in full: every place with its address, all digits, who can read it and why it may not count. */
export function RegisterDetail({ sides, name }: Props) {
  const label = sides.flatMap(({ rows }) => rows.filter((row) => row.name === name))[0]?.label;
  if (!label) return null;
  return (
    <Panel title={`${label} in full`} className="reg-detail">
      {sides.map((side) => {
        const row = side.rows.find((each) => each.name === name);
        return (
          row && (
            <section key={`${side.guest} ${side.vcpu}`}>
              <h4>
                {written(side.guest)} vCPU {side.vcpu}
                {row.bits && <span className="faint"> · {row.bits}</span>}
              </h4>
              <p className="reg-swap">{swapWords(row.swap, side.es)}</p>
              <dl>
                {placesOf(side).map((place) => {
                  const cell = row.cells[place];
                  return cell && <Place key={place} {...{ place, cell, side }} />;
                })}
              </dl>
            </section>
          )
        );
      })}
    </Panel>
  );
}

interface PlaceProps {
  readonly place: PlaceId;
  readonly cell: RegisterCellView;
  readonly side: SideView;
}

function Place({ place, cell, side }: PlaceProps) {
  const { title, detail } = headingOf(place, side);
  const inCopy = place === 'xen' && cell.at === null;
  const why = notCounted(place, cell, side);
  return (
    <div>
      <dt>
        {inCopy ? 'Xen’s copy' : title} <span className="faint">{inCopy ? 'cpu_user_regs' : detail}</span>
      </dt>
      <dd className="mono">
        {place === 'sealed' ? (cell.value.match(/../g)?.join(' ') ?? '') : `0x${cell.value}`}
      </dd>
      <dd className="faint">
        {cell.at !== null && (
          <>
            SPA <PageLink spa={cell.at} /> ·{' '}
          </>
        )}
        {inCopy && (
          <>
            page <PageLink spa={side.pages.userRegs} /> ·{' '}
          </>
        )}
        {REACH_WORDS[cell.reach]}
        {why && ` · ${why}`}
      </dd>
    </div>
  );
}
