import { type FormEvent, useId, useState } from 'react';
import { changeLaunch } from '../../../store/launch';
import type { LaunchSettings, LaunchView } from '../../../worker/protocol';
import { Panel } from '../../kit/Panel';
import { FileChoice } from './FileChoice';

const set = (settings: Partial<LaunchSettings>): void => void changeLaunch({ settings });

/** What the hypervisor starts the guest with. Each change is measured at once. */
export function LaunchForm({ view }: { readonly view: LaunchView }) {
  const { settings, files } = view;
  const models = useId();
  return (
    <Panel title="What is launched">
      <div className="launch-files">
        <FileChoice kind="image" title="Firmware" choose="Choose a firmware image…" file={files.image} />
        <FileChoice kind="kernel" title="Kernel" choose="Choose a kernel…" file={files.kernel} removable />
        {files.kernel && (
          <FileChoice
            kind="initrd"
            title="Initial RAM disk"
            choose="Choose an initrd…"
            file={files.initrd}
            removable
          />
        )}
      </div>
      <div className="launch-settings">
        <TextField
          label="vCPUs"
          value={String(settings.vcpus)}
          numeric
          onSet={(text) => set({ vcpus: Number(text) })}
        />
        <TextField
          label="Processor"
          value={settings.processor}
          list={models}
          onSet={(processor) => set({ processor })}
        />
        <datalist id={models}>
          {view.processors.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <label className="field">
          <span className="field-label">Hypervisor</span>
          <select
            className="input"
            value={settings.vmm}
            onChange={(event) => set({ vmm: event.target.value })}
          >
            {view.vmms.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <TextField label="Guest features" value={settings.features} onSet={(features) => set({ features })} />
        {files.kernel && (
          <TextField label="Command line" value={settings.append} wide onSet={(append) => set({ append })} />
        )}
      </div>
    </Panel>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onSet: (value: string) => void;
  readonly numeric?: boolean;
  readonly wide?: boolean;
  readonly list?: string;
}

/** A field that counts when it is left, or with Enter: not with each letter. */
export function TextField({ label, value, onSet, numeric, wide, list }: TextFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const done = (): void => {
    if (typed !== null && typed !== value) onSet(typed);
    setTyped(null);
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    done();
  };
  return (
    <form className={wide ? 'launch-wide' : undefined} onSubmit={onSubmit}>
      <label className="field">
        <span className="field-label">{label}</span>
        <input
          className="input mono"
          value={typed ?? value}
          list={list}
          inputMode={numeric ? 'numeric' : undefined}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={done}
        />
      </label>
    </form>
  );
}
