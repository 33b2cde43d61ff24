import { selectPage } from '../../store/view';
import type { GamePlace } from '../../worker/protocol';
import { Panel } from '../kit/Panel';

const PAGE = 4096;
const hexadecimal = (address: number): string => `0x${address.toString(16)}`;

/** Where Alice’s pages lie: no secret to whoever keeps her nested tables. */
export function Places({ places }: { readonly places: readonly GamePlace[] }) {
  return (
    <Panel kind="section" title="What lies where">
      <table className="game-places">
        <thead>
          <tr>
            <th scope="col">Hers</th>
            <th scope="col">GPA</th>
            <th scope="col">SPA</th>
          </tr>
        </thead>
        <tbody>
          {places.map(({ name, gpa, spa }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="mono">{hexadecimal(gpa)}</td>
              <td>
                <button
                  type="button"
                  className="button button-link mono"
                  title={`Show the page of the ${name} in the memory`}
                  onClick={() => selectPage(Math.floor(spa / PAGE))}
                >
                  {hexadecimal(spa)}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="field-help">0x80000 and 0x400000 are free pages of Xen’s.</p>
    </Panel>
  );
}
