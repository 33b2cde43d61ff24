import { useId } from 'react';
import type { AttackCard } from '../../worker/protocol';
import { Segmented } from '../kit/Segmented';
import { type Filter, occurring } from './filter';
import { POWER_WORDS, PROPERTY_WORDS } from './words';

const TIERS = [
  { value: 'all', title: 'All' },
  { value: '1', title: 'Tier 1', hint: 'What a class must have seen' },
  { value: '2', title: 'Tier 2', hint: 'Modelled as far as it is published' },
] as const;

interface Props {
  readonly cards: readonly AttackCard[];
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

/** Which attacks the matrix shows. */
export function Filters({ cards, filter, onFilter }: Props) {
  return (
    <div className="attack-filters">
      <Segmented
        label="Tier"
        value={filter.tier === null ? 'all' : filter.tier === 1 ? '1' : '2'}
        options={TIERS}
        onChange={(tier) => onFilter({ ...filter, tier: tier === 'all' ? null : tier === '1' ? 1 : 2 })}
      />
      <Choice
        label="The attacker"
        words={POWER_WORDS}
        options={occurring(
          POWER_WORDS,
          cards.map(({ powers }) => powers),
        )}
        value={filter.power}
        onChange={(power) => onFilter({ ...filter, power })}
      />
      <Choice
        label="Breaks"
        words={PROPERTY_WORDS}
        options={occurring(
          PROPERTY_WORDS,
          cards.map(({ violates }) => violates),
        )}
        value={filter.violates}
        onChange={(violates) => onFilter({ ...filter, violates })}
      />
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly words: Readonly<Record<T, string>>;
  readonly options: readonly T[];
  readonly value: T | null;
  readonly onChange: (value: T | null) => void;
}

function Choice<T extends string>({ label, words, options, value, onChange }: ChoiceProps<T>) {
  const id = useId();
  return (
    <span className="attack-choice">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input"
        value={value ?? ''}
        onChange={(event) => onChange(options.find((option) => option === event.target.value) ?? null)}
      >
        <option value="">{label === 'Breaks' ? 'anything' : 'whoever it is'}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {words[option]}
          </option>
        ))}
      </select>
    </span>
  );
}
