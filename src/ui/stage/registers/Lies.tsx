import { type FormEvent, useState } from 'react';
import type { FieldInfo } from '../../../engine/core/vocabulary';
import { perform } from '../../../store/session';
import type { ProgramView } from '../../../worker/protocol';
import { useEngine } from '../../kit/stores';

const TYPE = 'xen.lie';
const NO_FIELDS: readonly FieldInfo[] = [];

/** What Xen answers in place of the truth, and a form for more of it. */
export function Lies({ program }: { readonly program: ProgramView }) {
  const { guest, lies, es } = program;
  const fields = useEngine(
    ({ vocabulary }) => vocabulary.find(({ type }) => type === TYPE)?.fields ?? NO_FIELDS,
  );
  const choices = (name: string): string[] =>
    fields.find((field) => field.name === name)?.choices.map(String) ?? [];
  const [exit, setExit] = useState('CPUID');
  const [field, setField] = useState('rax');
  const [value, setValue] = useState('0x0');
  if (fields.length === 0) return null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void perform({ type: TYPE, guest, exit, field, how: 'value', value });
  };
  const pick = (label: string, now: string, options: readonly string[], set: (to: string) => void) => (
    <select className="input" aria-label={label} value={now} onChange={({ target }) => set(target.value)}>
      {options.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </select>
  );
  return (
    <div className="decision">
      <h4 className="overline">Xen lies</h4>
      {lies.length === 0 ? (
        <p className="faint">Not to this guest.</p>
      ) : (
        <ul className="lies">
          {lies.map((lie) => (
            <li key={`${lie.exit} ${lie.field}`}>
              <code>{lie.exit}</code>: <code>{lie.field}</code>{' '}
              {lie.value === null ? 'is not marked valid' : <code>= 0x{lie.value}</code>}
              <button
                type="button"
                className="button button-small"
                onClick={() =>
                  void perform({ type: TYPE, guest, exit: lie.exit, field: lie.field, how: 'truth' })
                }
              >
                Tell the truth
              </button>
            </li>
          ))}
        </ul>
      )}
      <form className="lie-form" onSubmit={submit}>
        {pick('About', exit, choices('exit'), setExit)}
        {pick('Field', field, choices('field'), setField)}
        <input
          className="input mono"
          aria-label="Value"
          value={value}
          onChange={({ target }) => setValue(target.value)}
        />
        <button
          type="submit"
          className="button button-small"
          disabled={!/^(0x)?[0-9a-f]{1,16}$/i.test(value)}
        >
          Lie
        </button>
        {es && (
          <button
            type="button"
            className="button button-small"
            onClick={() => void perform({ type: TYPE, guest, exit, field, how: 'invalid' })}
          >
            Do not mark it valid
          </button>
        )}
      </form>
    </div>
  );
}
