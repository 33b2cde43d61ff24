import { type FormEvent, useState } from 'react';
import { perform } from '../../../store/session';
import type { AsidView } from '../../../worker/protocol';
import { useEngine } from '../../kit/stores';
import { Term } from '../../kit/Term';

const ACTION = 'machine.cpuid';

/** ECX and EDX of Fn8000_001F: how many guests can be encrypted, and from which ASID on without SEV-ES. */
export function AsidRegisters({ asids }: { readonly asids: AsidView }) {
  const info = useEngine(({ vocabulary }) => vocabulary.find(({ type }) => type === ACTION));
  const [typed, setTyped] = useState<{ readonly ecx: string; readonly edx: string } | null>(null);
  const [seen, setSeen] = useState(asids);
  if (seen !== asids) {
    setSeen(asids);
    if (seen.ecx !== asids.ecx || seen.edx !== asids.edx) setTyped(null);
  }
  const shown = typed ?? { ecx: String(asids.ecx), edx: String(asids.edx) };
  const valid = [shown.ecx, shown.edx].every((text) => /^\d+$/.test(text));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (valid) void perform({ type: ACTION, ecx: Number(shown.ecx), edx: Number(shown.edx) });
  };
  const field = (name: 'ecx' | 'edx', word: string) => {
    const limits = info?.fields.find((known) => known.name === name);
    return (
      <label className="register">
        <span className="register-name">{name.toUpperCase()}</span>
        <span>{word}</span>
        <input
          className="input mono"
          type="number"
          min={limits?.min}
          max={limits?.max}
          value={shown[name]}
          disabled={!info}
          onChange={(event) => setTyped({ ...shown, [name]: event.target.value })}
        />
      </label>
    );
  };
  return (
    <form className="registers" onSubmit={submit}>
      <p>
        <Term word="CPUID">CPUID</Term> <code>Fn8000_001F</code>
      </p>
      {field('ecx', 'highest ASID with a key')}
      {field('edx', 'lowest ASID without SEV-ES')}
      <button type="submit" className="button button-small" disabled={!valid || typed === null}>
        Set
      </button>
    </form>
  );
}
