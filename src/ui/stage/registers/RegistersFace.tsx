import { useState } from 'react';
import type { GuestSummary, SideView } from '../../../worker/protocol';
import { useTheme } from '../../theme/useTheme';
import { ControlArea } from './ControlArea';
import { Legend } from './Legend';
import { RegisterDetail } from './RegisterDetail';
import { RegisterTable } from './RegisterTable';

/** From this width on, in rem, both guests stand in one table. */
const BESIDE = 32;

interface Props {
  readonly sides: readonly SideView[];
  readonly guests: readonly GuestSummary[];
  /** Of the view, in pixels. */
  readonly width: number;
}

/** Registers by who can read them now, and below them the VMCBs’ control areas. */
export function RegistersFace({ sides, guests, width }: Props) {
  const [row, setRow] = useState<string | null>(null);
  useTheme();
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const tables = width >= BESIDE * rem ? [sides] : sides.map((side) => [side]);
  return (
    <>
      <Legend />
      {tables.map((shown) => (
        <RegisterTable
          key={shown.map(({ guest, vcpu }) => `${guest}/${vcpu}`).join(' ')}
          sides={shown}
          guests={guests}
          chosen={row}
          onChoose={(name) => setRow(name === row ? null : name)}
        />
      ))}
      {row && <RegisterDetail sides={sides} name={row} />}
      <div className="reg-pair">
        {sides.map((side) => (
          <ControlArea key={`${side.guest}/${side.vcpu}`} side={side} guests={guests} />
        ))}
      </div>
    </>
  );
}
