import { SlidersHorizontal, Trash2, TriangleAlert } from 'lucide-react';
import { GENERATIONS, TECHNOLOGIES } from '../../engine/core/config';
import { OMISSIONS, OMITTED_CHECKS } from '../../engine/core/omissions';
import type { Attempt } from '../../lab/attempt';
import { levelOf, notesOf, type Side, sideName } from '../../lab/side';
import type { ComparedScript } from '../../worker/compare/protocol';
import { OutcomeMark } from '../attacks/OutcomeMark';
import { GENERATION_NAMES, TECHNOLOGY_NAMES } from '../header/machine';

interface Props {
  readonly side: Side;
  readonly script: ComparedScript;
  readonly outcome: Attempt | null;
  readonly onChange: (side: Side) => void;
  readonly onRemove: (() => void) | null;
}

/** Which machine it is, what the attack comes to on it, and the way to have another one. */
export function ColumnHead({ side, script, outcome, onChange, onRemove }: Props) {
  const notes = notesOf(side).filter((note) => !note.startsWith('without'));
  return (
    <header className="compare-side-head">
      <div className="compare-side-title">
        <h3>{levelOf(side)}</h3>
        {outcome && <OutcomeMark outcome={outcome.outcome} />}
      </div>
      {notes.length > 0 && <p className="compare-notes">{notes.join(', ')}</p>}
      {side.without && (
        <p
          className="compare-without"
          title={`${side.without}: ${OMISSIONS[side.without].says} No real machine is like that.`}
        >
          <TriangleAlert aria-hidden />
          <span>
            What if this check were missing: <b>{OMISSIONS[side.without].name}</b>
          </span>
        </p>
      )}
      <details className="compare-change">
        <summary>
          <SlidersHorizontal aria-hidden />
          Change
          <span className="visually-hidden"> {sideName(side)}</span>
        </summary>
        <Choice
          label="Technology"
          value={side.technology}
          options={TECHNOLOGIES.map((value) => ({ value, title: TECHNOLOGY_NAMES[value].title }))}
          onChange={(technology) => technology && onChange({ ...side, technology })}
        />
        <Choice
          label="Generation"
          value={side.generation}
          none="As the script has it"
          options={GENERATIONS.map((value) => ({ value, title: GENERATION_NAMES[value].title }))}
          onChange={(generation) => onChange({ ...side, generation })}
        />
        {script.attack && script.attack.mitigations.length > 0 && (
          <Choice
            label="Mitigation"
            value={side.mitigation}
            none="None"
            options={script.attack.mitigations.map(({ id }) => ({ value: id, title: id }))}
            onChange={(mitigation) => onChange({ ...side, mitigation })}
          />
        )}
        <Choice
          label="What if this check were missing"
          value={side.without}
          none="None is missing"
          options={OMITTED_CHECKS.map((value) => ({ value, title: OMISSIONS[value].name }))}
          onChange={(without) => onChange({ ...side, without })}
        />
        {onRemove && (
          <button type="button" className="button button-small" onClick={onRemove}>
            <Trash2 aria-hidden />
            Remove this machine
          </button>
        )}
      </details>
    </header>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T | null;
  /** What stands for null. */
  readonly none?: string;
  readonly options: readonly { readonly value: T; readonly title: string }[];
  readonly onChange: (value: T | null) => void;
}

function Choice<T extends string>({ label, value, none, options, onChange }: ChoiceProps<T>) {
  return (
    <label className="compare-choice">
      <span>{label}</span>
      <select
        className="input"
        value={value ?? ''}
        onChange={({ target }) =>
          onChange(options.find((option) => option.value === target.value)?.value ?? null)
        }
      >
        {none !== undefined && <option value="">{none}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        ))}
      </select>
    </label>
  );
}
