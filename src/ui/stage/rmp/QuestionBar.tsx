import type { GuestSummary, RmpQuestion } from '../../../worker/protocol';
import { Segmented } from '../../kit/Segmented';
import { written } from '../shared/names';

export type Asking = Omit<RmpQuestion, 'pfn'>;

const KINDS = [
  { value: 'read', title: 'read' },
  { value: 'write', title: 'write' },
  { value: 'fetch', title: 'fetch' },
  { value: 'walk', title: 'walk', hint: 'Reach a page table that lies in the page' },
] as const;

const WHICH = [
  { value: 'if', title: 'What if' },
  { value: 'last', title: 'Last access' },
] as const;

const VMPLS = ['0', '1', '2', '3'].map((value) => ({ value, title: `VMPL${value}` }));
const C_BITS = [
  { value: '1', title: 'C = 1' },
  { value: '0', title: 'C = 0' },
];

interface Props {
  readonly asking: Asking;
  readonly last: boolean;
  readonly guests: readonly GuestSummary[];
  readonly onAsking: (asking: Asking) => void;
  readonly onLast: (last: boolean) => void;
}

/** Who does what to the page; or the last access that was made. */
export function QuestionBar({ asking, last, guests, onAsking, onLast }: Props) {
  const { who, kind, c, vmpl } = asking;
  const living = guests.filter(({ alive }) => alive).map(({ name }) => name);
  const asGuest = living.includes(who);
  return (
    <div className="stage-bar rmp-bar">
      <Segmented
        label="Which access"
        value={last ? 'last' : 'if'}
        options={WHICH}
        onChange={(which) => onLast(which === 'last')}
      />
      {!last && (
        <>
          <label>
            Who{' '}
            <select
              className="input"
              value={who}
              onChange={({ target }) => onAsking({ ...asking, who: target.value })}
            >
              <option value="xen">Xen</option>
              {living.map((name) => (
                <option key={name} value={name}>
                  {written(name)}
                </option>
              ))}
              <option value="device">a device</option>
              <option value="firmware">the firmware</option>
            </select>
          </label>
          <Segmented
            label="What it does"
            value={kind}
            options={KINDS}
            onChange={(chosen) => onAsking({ ...asking, kind: chosen })}
          />
          {asGuest && (
            <>
              <Segmented
                label="C-bit"
                value={c ? '1' : '0'}
                options={C_BITS}
                onChange={(chosen) => onAsking({ ...asking, c: chosen === '1' })}
              />
              <Segmented
                label="VMPL"
                value={String(vmpl)}
                options={VMPLS}
                onChange={(chosen) => onAsking({ ...asking, vmpl: Number(chosen) })}
              />
            </>
          )}
        </>
      )}
    </div>
  );
}
