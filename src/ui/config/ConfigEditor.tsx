import { useRef } from 'react';
import type { AtPlace, XlReading } from '../../worker/protocol';
import { useStatus } from '../kit/stores';
import { useEngineQuery } from '../kit/useEngineQuery';
import { offsetOf } from './places';
import { Reading } from './Reading';
import './config.css';

const never = (): number => 0;

/** What this machine's xl makes of a text; the last answer while the next is on its way. */
export function useReading(text: string): { readonly reading: XlReading | null; readonly fresh: boolean } {
  const xen = useStatus((status) => status.config.xen);
  const key = `xl ${xen} ${text}`;
  const { value, key: answered } = useEngineQuery(key, (api) => api.readXl(text), never);
  return { reading: value, fresh: answered === key };
}

interface Props {
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly label: string;
  readonly reading: XlReading | null;
  readonly id?: string;
}

/** A configuration to be edited, with line numbers, and beside it what xl says to it and where. */
export function ConfigEditor({ text, onChange, label, reading, id }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = text.split('\n').length;
  const goTo = (place: AtPlace): void => {
    const at = offsetOf(text, place);
    area.current?.focus();
    area.current?.setSelectionRange(at, at + 1);
  };
  return (
    <div className="config">
      <div className="config-paper scrolls">
        <ol className="config-lines" aria-hidden="true">
          {Array.from({ length: lines }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <li key={index} data-mark={markOf(reading, index + 1)}>
              {index + 1}
            </li>
          ))}
        </ol>
        <textarea
          ref={area}
          id={id}
          className="config-text"
          aria-label={label}
          aria-invalid={reading?.error ? true : undefined}
          rows={lines}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          maxLength={65536}
          value={text}
          onChange={({ target }) => onChange(target.value)}
        />
      </div>
      {reading && <Reading reading={reading} onPlace={goTo} />}
    </div>
  );
}

function markOf(reading: XlReading | null, line: number): 'error' | 'warning' | undefined {
  if (reading?.error?.line === line) return 'error';
  const said = [...(reading?.warnings ?? []), ...(reading?.ignored ?? [])];
  return said.some((place) => place.line === line) ? 'warning' : undefined;
}
