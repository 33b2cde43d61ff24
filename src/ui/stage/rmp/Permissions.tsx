import { Check, Minus } from 'lucide-react';
import { Term } from '../../kit/Term';
import { PERMISSION_LETTERS } from './words';

/** What each VMPL may do with a page of a guest, as its entry says. */
export function Permissions({ masks }: { readonly masks: readonly number[] }) {
  return (
    <table className="rmp-permissions">
      <caption>
        What each <Term word="VMPL" /> may do
      </caption>
      <thead>
        <tr>
          <td />
          {PERMISSION_LETTERS.map(({ letters, help }) => (
            <th key={letters} scope="col">
              <abbr title={help}>{letters}</abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {masks.map((mask, vmpl) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a VMPL is its place
          <tr key={vmpl}>
            <th scope="row">VMPL{vmpl}</th>
            {PERMISSION_LETTERS.map(({ letters }, bit) => {
              const may = ((mask >> bit) & 1) === 1;
              return (
                <td key={letters} data-may={may}>
                  {may ? <Check size={12} aria-hidden="true" /> : <Minus size={12} aria-hidden="true" />}
                  <span className="visually-hidden">{may ? 'yes' : 'no'}</span>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
