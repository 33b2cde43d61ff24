import { useId } from 'react';

interface Props<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly title: string; readonly hint?: string }[];
  readonly onChange: (value: T) => void;
  readonly disabled?: boolean;
  readonly className?: string;
}

/** One of a few, all in sight: a radio group dressed as a switch. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
  disabled,
  className = '',
}: Props<T>) {
  const name = useId();
  return (
    <fieldset className={`segmented ${className}`} aria-label={label} disabled={disabled}>
      {options.map((option) => (
        <label key={option.value} title={option.hint}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.title}
        </label>
      ))}
    </fieldset>
  );
}
