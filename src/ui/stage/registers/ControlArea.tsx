import type { ControlFieldView, GuestSummary, SideView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { hexPadded } from '../shared/entry';
import { OwnerName } from '../shared/OwnerName';
import { PageLink } from './PageLink';
import { Digits } from './Value';
import { byteGroups, digitGroups } from './words';

interface Props {
  readonly side: SideView;
  readonly guests: readonly GuestSummary[];
}

/** The control area of the VMCB, which the hypervisor writes and reads whatever the guest is. */
export function ControlArea({ side, guests }: Props) {
  return (
    <Panel
      title={
        <>
          VMCB of <OwnerName name={side.guest} guests={guests} />
        </>
      }
      aside={<PageLink spa={side.pages.vmcb} />}
    >
      <table className="control-table">
        <caption className="visually-hidden">Control area of the VMCB of {side.guest}</caption>
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Offset</th>
            <th scope="col">Value</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {side.control.map((field) => (
            <Row key={field.name} field={field} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Row({ field }: { readonly field: ControlFieldView }) {
  const { name, label, offset, value, says, help, changed } = field;
  return (
    <tr title={help}>
      <th scope="row">{label}</th>
      <td className="mono faint">{hexPadded(offset, 3)}</td>
      <td className="mono">
        {changed && (
          <span className="reg-changed" aria-hidden="true">
            ◆
          </span>
        )}
        <Digits groups={name === 'intercepts' ? byteGroups(value) : digitGroups(value)} />
        {changed && <span className="visually-hidden">, changed</span>}
      </td>
      <td>{says.join(name === 'intercepts' ? ' ' : ', ')}</td>
    </tr>
  );
}
