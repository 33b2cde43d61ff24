import { ConfigEditor, useReading } from '../config/ConfigEditor';
import { useEngineQuery } from '../kit/useEngineQuery';

interface Props {
  readonly id: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** A configuration to be written, perhaps from one that is there. */
export function ConfigField({ id, text, onChange }: Props) {
  const { reading } = useReading(text);
  const files = useEngineQuery('config files', (api) => api.configFiles()).value ?? [];
  return (
    <>
      <select
        className="input"
        aria-label="Begin with the text of"
        value=""
        onChange={({ target }) => {
          const file = files.find(({ name }) => name === target.value);
          if (file) onChange(file.text);
        }}
      >
        <option value="">Begin with the text of …</option>
        {files.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <ConfigEditor id={id} text={text} onChange={onChange} label="Text" reading={reading} />
    </>
  );
}
