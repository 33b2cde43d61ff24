import type { RegistersView, VcpuChoice } from '../../../worker/protocol';
import { written } from '../shared/names';

interface Props {
  readonly label: string;
  readonly guests: RegistersView['guests'];
  readonly value: VcpuChoice | null;
  /** What an empty choice is called; without it there is none. */
  readonly none?: string;
  readonly onChange: (choice: VcpuChoice | null) => void;
}

const keyOf = ({ guest, vcpu }: VcpuChoice): string => `${guest}/${vcpu}`;

/** Which vCPU of which guest. */
export function SideChoice({ label, guests, value, none, onChange }: Props) {
  const choices = guests.flatMap(({ name, es, snp, vcpus }) =>
    Array.from({ length: vcpus }, (_, vcpu) => ({
      guest: name,
      vcpu,
      title: `${written(name)}${vcpus > 1 ? ` vCPU ${vcpu}` : ''}${snp ? ' (SEV-SNP)' : es ? ' (SEV-ES)' : ''}`,
    })),
  );
  return (
    <label className="reg-choice">
      <span className="visually-hidden">{label}</span>
      <select
        className="input"
        value={value ? keyOf(value) : ''}
        onChange={({ target }) => onChange(choices.find((choice) => keyOf(choice) === target.value) ?? null)}
      >
        {none && <option value="">{none}</option>}
        {choices.map((choice) => (
          <option key={keyOf(choice)} value={keyOf(choice)}>
            {choice.title}
          </option>
        ))}
      </select>
    </label>
  );
}
