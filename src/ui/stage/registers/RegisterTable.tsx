import { Eye, LockKeyhole } from 'lucide-react';
import { Fragment } from 'react';
import type { GuestSummary, SideView } from '../../../worker/protocol';
import { Term } from '../../kit/Term';
import { hueStyle, OwnerName } from '../shared/OwnerName';
import { PageLink } from './PageLink';
import { Value } from './Value';
import { headingOf, placesOf } from './words';

interface Props {
  readonly sides: readonly SideView[];
  readonly guests: readonly GuestSummary[];
  readonly chosen: string | null;
  readonly onChoose: (row: string) => void;
}

/** The same registers of one or two vCPUs, each in every place where its value, or what looks like it, stands. */
export function RegisterTable({ sides, guests, chosen, onChoose }: Props) {
  const [first] = sides;
  if (!first) return null;
  // The side with more registers has all that the other one has.
  const rows = sides.reduce((most, side) => (side.rows.length > most.rows.length ? side : most), first).rows;
  return (
    <section
      className="reg-scroll"
      aria-label="Registers, hexadecimal"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <table className="reg-table">
        <caption className="visually-hidden">
          Registers of {sides.map(({ guest, vcpu }) => `${guest} vCPU ${vcpu}`).join(' and ')}, hexadecimal
        </caption>
        <colgroup span={1} />
        {sides.map((side) => (
          <colgroup key={`${side.guest} ${side.vcpu}`} span={placesOf(side).length} />
        ))}
        <thead>
          <tr>
            <td />
            {sides.map((side) => (
              <th
                key={`${side.guest} ${side.vcpu}`}
                scope="colgroup"
                colSpan={placesOf(side).length}
                className="reg-box"
                data-sealed={side.es}
                style={hueStyle(side.guest, guests)}
              >
                <BoxTitle side={side} guests={guests} />
              </th>
            ))}
          </tr>
          <tr>
            <td />
            {sides.map((side) => (
              <Fragment key={`${side.guest} ${side.vcpu}`}>
                {placesOf(side).map((place, index, { length }) => {
                  const { title, detail, page } = headingOf(place, side);
                  return (
                    <th
                      key={place}
                      scope="col"
                      className="reg-place"
                      data-sealed={side.es}
                      data-first={index === 0}
                      data-last={index === length - 1}
                      style={hueStyle(side.guest, guests)}
                    >
                      <Term word={title} /> <span className="faint">{detail}</span>
                      {page !== null && <PageLink spa={page} name={`${title} at SPA`} />}
                    </th>
                  );
                })}
              </Fragment>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, label }, row) => (
            <tr key={name} data-chosen={name === chosen}>
              <th scope="row">
                <button
                  type="button"
                  className="reg-name mono"
                  aria-pressed={name === chosen}
                  onClick={() => onChoose(name)}
                >
                  {label}
                </button>
              </th>
              {sides.map((side) => (
                <Fragment key={`${side.guest} ${side.vcpu}`}>
                  {placesOf(side).map((place, index, { length }) => {
                    const cell = side.rows.find((each) => each.name === name)?.cells[place];
                    return (
                      <td
                        key={place}
                        data-sealed={side.es}
                        data-first={index === 0}
                        data-last={index === length - 1}
                        data-bottom={row === rows.length - 1}
                        style={hueStyle(side.guest, guests)}
                      >
                        {cell && <Value {...{ cell, place, side }} />}
                      </td>
                    );
                  })}
                </Fragment>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Open or sealed: the same in an icon, in words and in the border of the box. */
function BoxTitle({ side, guests }: { readonly side: SideView; readonly guests: readonly GuestSummary[] }) {
  const { guest, vcpu, es, sev, snp, state } = side;
  const Icon = es ? LockKeyhole : Eye;
  return (
    <span className="reg-title">
      <OwnerName name={guest} guests={guests} />
      {vcpu > 0 && <span className="faint">vCPU {vcpu}</span>}
      {state !== 'runs' && <span className="reg-state">{state}</span>}
      <span className="reg-kind">
        <Icon size={13} aria-hidden="true" />
        {es ? `${snp ? 'SEV-SNP' : 'SEV-ES'}: sealed` : sev ? 'SEV: open' : 'open'}
      </span>
    </span>
  );
}
