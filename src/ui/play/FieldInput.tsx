import { useId } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { FieldInfo } from '../../engine/core/vocabulary';
import { useStatus } from '../kit/stores';
import { useEngineQuery } from '../kit/useEngineQuery';
import { ConfigField } from './ConfigField';
import type { Entry } from './values';

interface Props {
  readonly field: FieldInfo;
  readonly entry: Entry;
  readonly error: string | undefined;
  readonly onChange: (entry: Entry) => void;
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const words = (name: string): string => sentence(name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());

/** One field of an action, by its kind. */
export function FieldInput({ field, entry, error, onChange }: Props) {
  const id = useId();
  if (field.kind === 'boolean') {
    return (
      <label className="check">
        <input
          type="checkbox"
          checked={entry === true}
          onChange={(event) => onChange(event.target.checked)}
        />
        {sentence(field.help)}
      </label>
    );
  }
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {words(field.name)}
        {field.optional && ' (optional)'}
      </label>
      <Control
        id={id}
        field={field}
        entry={String(entry)}
        invalid={error !== undefined}
        onChange={onChange}
      />
      <span className={error ? 'field-error' : 'field-help'} id={`${id}-help`}>
        {error ?? sentence(field.help)}
      </span>
    </div>
  );
}

interface ControlProps {
  readonly id: string;
  readonly field: FieldInfo;
  readonly entry: string;
  readonly invalid: boolean;
  readonly onChange: (entry: string) => void;
}

function Control({ id, field, entry, invalid, onChange }: ControlProps) {
  const options = useOptions(field);
  if (field.kind === 'lines') return <ConfigField id={id} text={entry} onChange={onChange} />;
  const common = {
    id,
    className: 'input',
    value: entry,
    'aria-describedby': `${id}-help`,
    'aria-invalid': invalid || undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  if (options) {
    const known = options.includes(entry) || entry === '' ? options : [entry, ...options];
    return (
      <select {...common}>
        {(field.optional || entry === '') && <option value="">—</option>}
        {known.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    );
  }
  const mono = field.kind !== 'text';
  return (
    <input
      {...common}
      className={mono ? 'input mono' : 'input'}
      type="text"
      spellCheck={false}
      autoComplete="off"
    />
  );
}

/** What a field can be chosen from, or null where it is typed. */
function useOptions(field: FieldInfo): readonly string[] | null {
  const guests = useStatus(
    useShallow((status) => status.guests.filter(({ alive }) => alive).map(({ name }) => name)),
  );
  const cores = useStatus(
    ({ config: { topology } }) => topology.sockets * topology.complexes * topology.cores * topology.threads,
  );
  const files = useEngineQuery(field.kind === 'config' ? 'config files' : null, (api) => api.configFiles());
  if (field.kind === 'config') return files.value?.map(({ name }) => name) ?? [];
  if (field.kind === 'guest') return guests ?? [];
  if (field.kind === 'core') return Array.from({ length: cores ?? 1 }, (_, core) => String(core));
  return field.choices.length > 0 ? field.choices.map(String) : null;
}
