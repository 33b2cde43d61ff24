import { useState } from 'react';
import { useStore } from 'zustand';
import { type DroppedConfig, dropConfig, intakeStore, offerParcel, putConfig } from '../../store/intake';
import { ConfigEditor, useReading } from '../config/ConfigEditor';
import { Dialog } from '../kit/Dialog';
import { useEngineQuery } from '../kit/useEngineQuery';

/** A dropped guest configuration, as xl reads it, on its way into Domain-0. */
export default function ConfigDialog() {
  const config = useStore(intakeStore, (state) => state.config);
  return config && <Dropped key={config.name + config.text.length} config={config} />;
}

function Dropped({ config }: { readonly config: DroppedConfig }) {
  const { name, again } = config;
  const [text, setText] = useState(config.text);
  const { reading, fresh } = useReading(text);
  const files = useEngineQuery('config files', (api) => api.configFiles()).value;
  const replaces = files?.some((file) => file.name === name) ?? false;
  const ready = fresh && reading !== null;
  const intoMemory = (): void => {
    dropConfig();
    const bytes = new TextEncoder().encode(text);
    offerParcel({ name: config.dropped, bytes, picture: null, note: null, again });
  };
  return (
    <Dialog title={`Guest configuration ${name}`} onClose={dropConfig} wide>
      <div className="dialog-part parcel scrolls">
        {name !== config.dropped && (
          <p className="field-help">
            “{config.dropped}” is called {name} in Domain-0.
          </p>
        )}
        <ConfigEditor text={text} onChange={setText} label={`Text of ${name}`} reading={reading} />
        {replaces && <p className="field-help">It takes the place of {name} in Domain-0’s /etc/xen.</p>}
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button button-quiet" onClick={intoMemory}>
          Into a guest’s memory instead
        </button>
        <button
          type="button"
          className="button"
          disabled={!ready}
          onClick={() => void putConfig(name, text, false)}
        >
          Only put it into Domain-0
        </button>
        <button
          type="button"
          className="button button-primary"
          disabled={!ready || reading?.error != null}
          onClick={() => void putConfig(name, text, true)}
        >
          Put it into Domain-0 and xl create it
        </button>
      </footer>
    </Dialog>
  );
}
