import type { MachineView } from '../../../worker/protocol';
import { Diagram } from '../shared/Diagram';
import type { Arrow } from '../shared/diagramLayout';
import { CommandChip, type Offers } from './CommandChip';
import { LAYOUTS } from './layouts';

interface Props {
  readonly kind: keyof typeof LAYOUTS;
  readonly machine: MachineView;
  readonly offers: Offers;
  readonly label: string;
}

/** A state machine of the firmware: the current state lit, each arrow with the commands that take it. */
export function MachineDiagram({ kind, machine, offers, label }: Props) {
  const ways = (from: string, to: string) =>
    machine.transitions.filter((each) => each.from === from && each.to === to);
  const commands = (from: string, to: string): string[] => ways(from, to).flatMap(({ by }) => by);
  const { wide, narrow } = LAYOUTS[kind];
  const tone = ({ from }: Arrow) => (from === machine.current ? 'on' : 'usual');
  return (
    <Diagram
      label={label}
      wide={wide}
      narrow={narrow}
      tone={tone}
      box={(state) => (
        <div
          className="state"
          data-current={state === machine.current}
          aria-current={state === machine.current ? 'true' : undefined}
        >
          <span className="state-name mono">
            {state}
            {state === machine.current && <span className="state-now">now</span>}
          </span>
          {commands(state, state).map((name) => (
            <CommandChip key={name} name={name} offers={offers} way={`stays ${state}`} />
          ))}
        </div>
      )}
      onArrow={({ from, to }) => {
        const when = ways(from, to).find((way) => way.when)?.when;
        return (
          <span className="arrow-commands" title={when && `when ${when}`}>
            {commands(from, to).map((name) => (
              <CommandChip
                key={name}
                name={name}
                offers={offers}
                way={`${from} to ${to}${when ? `, when ${when}` : ''}`}
              />
            ))}
          </span>
        );
      }}
    />
  );
}
