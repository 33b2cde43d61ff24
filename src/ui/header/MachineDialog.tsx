import { useState } from 'react';
import type { MachineConfig } from '../../engine/core/config';
import { openPlace } from '../../store/session';
import { Dialog } from '../kit/Dialog';
import { useStatus } from '../kit/stores';
import { MachineFields } from './MachineFields';
import { changed, type Draft, seedFits } from './machine';
import './machine.css';

/** Another machine for the same scenario, or for the same actions. The form begins anew when the machine itself has changed. */
export default function MachineDialog({ onClose }: { readonly onClose: () => void }) {
  const config = useStatus((status) => status.config);
  return (
    <Dialog title="The machine" onClose={onClose}>
      {config && <MachineForm key={JSON.stringify(config)} config={config} onClose={onClose} />}
    </Dialog>
  );
}

function MachineForm({ config, onClose }: { readonly config: MachineConfig; readonly onClose: () => void }) {
  const { generation, memory, seed, sme, tsme, xen, encryption, writeBack, without } = config;
  const [draft, setDraft] = useState<Draft>({
    generation,
    memory,
    seed,
    sme,
    tsme,
    xen,
    encryption,
    writeBack,
    without,
  });
  return (
    <form
      className="machine-form"
      onSubmit={(event) => {
        event.preventDefault();
        onClose();
        void openPlace({ kind: 'reconfigure', config: changed(draft, config) });
      }}
    >
      <MachineFields draft={draft} config={config} onChange={(part) => setDraft({ ...draft, ...part })} />
      <footer className="dialog-foot">
        <p className="machine-note">The scenario, or your own actions, run again on it.</p>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button button-primary" disabled={!seedFits(draft.seed)}>
          Power it on
        </button>
      </footer>
    </form>
  );
}
