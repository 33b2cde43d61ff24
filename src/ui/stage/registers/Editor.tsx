import { CircleX } from 'lucide-react';
import { useId, useRef } from 'react';
import type { GuestSummary, ProgramView } from '../../../worker/protocol';
import { offsetOf, placeWords } from '../../config/places';
import { cssVars } from '../../kit/cssVars';
import { OwnerMark } from '../../kit/OwnerMark';
import type { Draft, DraftLine } from './draft';

interface Props {
  readonly text: string;
  readonly draft: Draft;
  readonly onChange: (text: string) => void;
  /** The programs that have this very text: where they stand and stop is shown beside it. */
  readonly loaded: readonly ProgramView[];
  readonly guests: readonly GuestSummary[];
  readonly onBreak: (line: number, on: boolean) => void;
}

/** A program to be edited: beside each line its bytes, where vCPUs stand and where they are to stop. */
export function Editor({ text, draft, onChange, loaded, guests, onBreak }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const { lines, errors } = draft;
  const longest = Math.max(24, ...text.split('\n').map((line) => line.length + 2));
  return (
    <>
      <div className="ed scrolls">
        <ol className="ed-gutter" aria-label="Lines of the program">
          {lines.map((line) => (
            <GutterLine key={line.line} {...{ line, loaded, guests, onBreak }} />
          ))}
        </ol>
        <div className="ed-paper" style={{ minWidth: `${longest}ch` }}>
          {lines.map(({ line, errors: [error] }) => (
            <div
              key={line}
              className="ed-band"
              data-current={loaded.some(({ current }) => current === line)}
              data-wrong={error !== undefined}
              aria-hidden="true"
              style={error && cssVars({ '--column': error.column - 1 })}
            />
          ))}
          <textarea
            ref={area}
            className="ed-text"
            aria-label="Program"
            aria-invalid={errors.length > 0 || undefined}
            aria-describedby={`${id}-errors`}
            rows={lines.length}
            wrap="off"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            maxLength={16384}
            value={text}
            onChange={({ target }) => onChange(target.value)}
          />
        </div>
      </div>
      <ul className="ed-errors" id={`${id}-errors`} aria-live="polite">
        {errors.map((error) => (
          <li key={`${error.line}:${error.column}:${error.message}`}>
            <CircleX size={14} aria-hidden="true" />
            <span>
              <button
                type="button"
                className="button button-link"
                onClick={() => {
                  const at = offsetOf(text, error);
                  area.current?.focus();
                  area.current?.setSelectionRange(at, at + 1);
                }}
              >
                {placeWords(error)}
              </button>
              : {error.message}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

interface GutterProps {
  readonly line: DraftLine;
  readonly loaded: readonly ProgramView[];
  readonly guests: readonly GuestSummary[];
  readonly onBreak: (line: number, on: boolean) => void;
}

function GutterLine({ line: { line, code, errors }, loaded, guests, onBreak }: GutterProps) {
  const stops = loaded.some(({ breaks }) => breaks.includes(line));
  const here = loaded.filter(({ current }) => current === line);
  return (
    <li data-wrong={errors.length > 0} data-current={here.length > 0}>
      {code && loaded.length > 0 ? (
        <button
          type="button"
          className="ed-break"
          aria-pressed={stops}
          aria-label={`Breakpoint at line ${line}`}
          onClick={() => onBreak(line, !stops)}
        >
          {line}
        </button>
      ) : (
        <span className="ed-number">{line}</span>
      )}
      <span className="ed-here">
        {here.map(({ guest, vcpu }) => (
          <OwnerMark key={`${guest}/${vcpu}`} owner={guest} guests={guests} label={`${guest} stands here`} />
        ))}
      </span>
      <span className="ed-offset">{code && `+${code.offset.toString(16).padStart(3, '0')}`}</span>
      <span className="ed-bytes">{code?.bytes.match(/../g)?.join(' ')}</span>
    </li>
  );
}
