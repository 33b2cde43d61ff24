import { useId } from 'react';
import { GENERATIONS, type MachineConfig, SME_POLICIES } from '../../engine/core/config';
import { ENCRYPTION_MODES } from '../../engine/core/encryption';
import { OMISSIONS, OMITTED_CHECKS } from '../../engine/core/omissions';
import { Segmented } from '../kit/Segmented';
import { Term } from '../kit/Term';
import {
  type Draft,
  GENERATION_NAMES,
  MEMORY_SIZES,
  MODE_NAMES,
  POLICY_NAMES,
  seedFits,
  size,
} from './machine';
import { meaningOf, XENS } from './xens';

const generations = GENERATIONS.map((value) => ({ value, ...GENERATION_NAMES[value] }));
const modes = ENCRYPTION_MODES.map((value) => ({ value, title: MODE_NAMES[value].title }));
const policies = SME_POLICIES.map((value) => ({ value, title: POLICY_NAMES[value] }));
const omissions = OMITTED_CHECKS.map((value) => ({ value, title: OMISSIONS[value].name }));
const WRITE_BACK = [
  { value: 'soon', title: 'Soon', hint: 'Dirty lines reach the DRAM at the end of each action.' },
  { value: 'late', title: 'Late', hint: 'Dirty lines stay until something evicts or flushes them.' },
] as const;

interface Props {
  readonly draft: Draft;
  /** The machine as it is. */
  readonly config: MachineConfig;
  readonly onChange: (part: Partial<Draft>) => void;
}

export function MachineFields({ draft, config, onChange }: Props) {
  const memories = [...new Set([...MEMORY_SIZES, config.memory])].sort((a, b) => a - b);
  return (
    <div className="dialog-part machine-fields">
      <div className="field machine-whole">
        <span className="field-label">Generation</span>
        <Segmented
          label="Generation"
          value={draft.generation}
          options={generations}
          onChange={(generation) =>
            onChange({ generation, encryption: generation === config.generation ? config.encryption : null })
          }
        />
        <span className="field-help">{GENERATION_NAMES[draft.generation].hint}</span>
      </div>
      <Choice
        label="Memory"
        value={draft.memory}
        options={memories.map((value) => ({ value, title: size(value) }))}
        onChange={(memory) => onChange({ memory })}
      />
      <label className="field">
        <span className="field-label">Seed of every key and nonce</span>
        <input
          className="input mono"
          type="number"
          min={0}
          step={1}
          required
          aria-invalid={!seedFits(draft.seed) || undefined}
          value={Number.isNaN(draft.seed) ? '' : draft.seed}
          onChange={(event) => onChange({ seed: event.target.valueAsNumber })}
        />
        {!seedFits(draft.seed) && <span className="field-error">A whole number up to 4294967295.</span>}
      </label>
      <Choice
        label="Host memory under SME"
        value={draft.sme}
        options={policies}
        onChange={(sme) => onChange({ sme })}
      />
      <Choice
        label="Xen"
        value={draft.xen}
        options={XENS}
        hint={meaningOf(draft.xen)}
        onChange={(xen) => onChange({ xen })}
      />
      <Choice
        label="Cipher mode"
        value={draft.encryption ?? ''}
        options={draft.encryption ? modes : [{ value: '', title: 'As the generation has it' }, ...modes]}
        hint={draft.encryption ? MODE_NAMES[draft.encryption].hint : undefined}
        onChange={(encryption) => onChange({ encryption: encryption || null })}
      />
      <Choice
        label="What if this check were missing"
        value={draft.without ?? ''}
        options={[{ value: '', title: 'None is missing' }, ...omissions]}
        hint={draft.without && `${OMISSIONS[draft.without].says} No real machine is like that.`}
        onChange={(without) => onChange({ without: without || undefined })}
      />
      <div className="field">
        <span className="field-label">Dirty lines are written back</span>
        <Segmented
          label="Dirty lines are written back"
          value={draft.writeBack}
          options={WRITE_BACK}
          onChange={(writeBack) => onChange({ writeBack })}
        />
        <span className="field-help">{WRITE_BACK.find(({ value }) => value === draft.writeBack)?.hint}</span>
      </div>
      <div className="field">
        <span className="field-label">In the BIOS</span>
        <label className="check">
          <input
            type="checkbox"
            checked={draft.tsme}
            onChange={(event) => onChange({ tsme: event.target.checked })}
          />
          Transparent SME
        </label>
        <span className="field-help">
          <Term word="TSME">TSME</Term> needs no C-bit.
        </span>
      </div>
    </div>
  );
}

interface ChoiceProps<T extends string | number> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly title: string }[];
  readonly hint?: string | undefined;
  readonly onChange: (value: T) => void;
}

function Choice<T extends string | number>({ label, value, options, hint, onChange }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className="input"
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => String(option.value) === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.title}
          </option>
        ))}
      </select>
      {hint && <span className="field-help">{hint}</span>}
    </div>
  );
}
