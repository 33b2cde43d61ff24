import { hex, PAGE_SIZE } from '../../../engine/core/address';
import { type LensMode, setView } from '../../../store/view';
import type { GuestSummary } from '../../../worker/protocol';
import { Segmented } from '../../kit/Segmented';
import { written } from '../shared/names';

const FORMATS: readonly { value: LensMode; title: string; hint: string }[] = [
  { value: 'hex', title: 'Hex', hint: 'Bytes and characters' },
  { value: 'text', title: 'Text', hint: 'Characters only' },
  { value: 'picture', title: 'Picture', hint: 'The picture that lies here, or one grey pixel a byte' },
  {
    value: 'structure',
    title: 'Structure',
    hint: 'Page-table entries where the page is a table, else 8-byte words',
  },
];

interface Props {
  readonly pfn: number;
  readonly use: string | null;
  readonly format: LensMode;
  readonly guests: readonly GuestSummary[];
  readonly guest: GuestSummary | null;
}

/** Which page, in which form, and which guest's eye. */
export function LensBar({ pfn, use, format, guests, guest }: Props) {
  return (
    <div className="stage-bar lens-bar">
      <h2>
        Page <code>{hex(pfn * PAGE_SIZE)}</code>
        {use && <span className="lens-use">{use}</span>}
      </h2>
      {guests.length > 1 && (
        <label className="push">
          Guest’s eye{' '}
          <select
            className="input"
            value={guest?.name ?? ''}
            onChange={(event) => setView({ guest: event.target.value })}
          >
            {guests.map(({ name }) => (
              <option key={name} value={name}>
                {written(name)}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className={guests.length > 1 ? undefined : 'push'}>
        <Segmented
          label="Show the bytes as"
          options={FORMATS}
          value={format}
          onChange={(lens) => setView({ lens })}
        />
      </div>
    </div>
  );
}
