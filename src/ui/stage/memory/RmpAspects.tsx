import { setView } from '../../../store/view';
import type { RmpMode } from '../../map/types';

const ASPECTS: readonly { readonly value: RmpMode; readonly title: string }[] = [
  { value: 'rmp', title: 'State' },
  { value: 'rmp-owner', title: 'Owner' },
  { value: 'rmp-vmpl', title: 'VMPL' },
  { value: 'rmp-validated', title: 'Validated' },
];

/** Which part of its entry in the RMP colours a page. */
export default function RmpAspects({ mode }: { readonly mode: RmpMode }) {
  return (
    <label className="map-aspect">
      <span>By</span>
      <select
        className="input"
        aria-label="What of the RMP colours the map"
        value={mode}
        onChange={({ target }) => {
          const chosen = ASPECTS.find(({ value }) => value === target.value);
          if (chosen) setView({ colouring: chosen.value });
        }}
      >
        {ASPECTS.map(({ value, title }) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
      {mode === 'rmp-vmpl' && <span className="faint">Which VMPLs may touch a guest’s page:</span>}
    </label>
  );
}
