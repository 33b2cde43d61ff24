import { type FormEvent, useState } from 'react';
import { hex } from '../../../engine/core/address';
import type { GuestSummary } from '../../../worker/protocol';
import { written } from '../shared/names';
import { parseAddress } from './virtualAddress';

export interface Subject {
  readonly who: string;
  readonly virtual: number;
}

interface Props {
  readonly subject: Subject;
  readonly guests: readonly GuestSummary[];
  readonly onChange: (subject: Subject) => void;
}

/** Whose address, and which. */
export function WalkBar({ subject, guests, onChange }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? hex(subject.virtual);
  const wrong = parseAddress(text) === null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const virtual = parseAddress(text);
    if (virtual === null) return;
    setTyped(null);
    onChange({ ...subject, virtual });
  };
  return (
    <form className="stage-bar" onSubmit={submit}>
      <label>
        Whose address{' '}
        <select
          className="input"
          value={subject.who}
          onChange={(event) => {
            setTyped(null);
            onChange(startOf(event.target.value, guests));
          }}
        >
          {guests.map(({ name }) => (
            <option key={name} value={name}>
              {written(name)}
            </option>
          ))}
          <option value="xen">Xen</option>
        </select>
      </label>
      <label>
        Virtual address{' '}
        <input
          className="input mono"
          type="text"
          size={16}
          spellCheck={false}
          value={text}
          aria-invalid={wrong}
          aria-describedby="walk-wrong"
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <button type="submit" className="button button-small" disabled={wrong || typed === null}>
        Walk
      </button>
      <span id="walk-wrong" className="field-error" role="status">
        {wrong ? 'An address is written 0x… or as a decimal number below 2⁴⁸.' : ''}
      </span>
    </form>
  );
}

/** A sensible address of somebody: the first thing a guest keeps, or the start of the hypervisor's map. */
export function startOf(who: string, guests: readonly GuestSummary[]): Subject {
  return { who, virtual: guests.find((guest) => guest.name === who)?.objects[0]?.address ?? 0 };
}
