import { useState } from 'react';
import { GENERATIONS, type MachineConfig, SME_POLICIES } from '../../engine/core/config';
import { ENCRYPTION_MODES } from '../../engine/core/encryption';
import { openPlace } from '../../store/session';
import { Dialog } from '../kit/Dialog';
import { Segmented } from '../kit/Segmented';
import { useStatus } from '../kit/stores';
import { Term } from '../kit/Term';
import { GENERATION_NAMES, MEMORY_SIZES, MODE_NAMES, POLICY_NAMES, size } from './machine';
import './machine.css';

type Draft = Pick<
  MachineConfig,
  'generation' | 'memory' | 'seed' | 'sme' | 'tsme' | 'encryption' | 'writeBack'
>;

const LARGEST_SEED = 2 ** 32 - 1;
const generations = GENERATIONS.map((value) => ({ value, ...GENERATION_NAMES[value] }));
const WRITE_BACK = [
  { value: 'soon', title: 'Soon', hint: 'Dirty lines reach the DRAM at the end of each action' },
  { value: 'late', title: 'Late', hint: 'Dirty lines stay until something evicts or flushes them' },
] as const;

/** Another machine for the same scenario, or for the same actions. */
export default function MachineDialog({ onClose }: { readonly onClose: () => void }) {
  const config = useStatus((status) => status.config);
  return (
    <Dialog title="The machine" onClose={onClose}>
      {config && <MachineForm config={config} onClose={onClose} />}
    </Dialog>
  );
}

function MachineForm({ config, onClose }: { readonly config: MachineConfig; readonly onClose: () => void }) {
  const { generation, memory, seed, sme, tsme, encryption, writeBack } = config;
  const [draft, setDraft] = useState<Draft>({ generation, memory, seed, sme, tsme, encryption, writeBack });
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const seedFits = Number.isInteger(draft.seed) && draft.seed >= 0 && draft.seed <= LARGEST_SEED;
  return (
    <form
      className="machine-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!seedFits) return;
        onClose();
        void openPlace({ kind: 'reconfigure', config: draft });
      }}
    >
      <div className="dialog-part machine-fields">
        <div className="field machine-whole">
          <span className="field-label">Generation</span>
          <Segmented
            label="Generation"
            value={draft.generation}
            options={generations}
            onChange={(value) => change({ generation: value })}
          />
          <span className="field-help">{GENERATION_NAMES[draft.generation].hint}</span>
        </div>
        <label className="field">
          <span className="field-label">Memory</span>
          <select
            className="input"
            value={draft.memory}
            onChange={(event) => change({ memory: Number(event.target.value) })}
          >
            {[...new Set([...MEMORY_SIZES, memory])]
              .sort((a, b) => a - b)
              .map((bytes) => (
                <option key={bytes} value={bytes}>
                  {size(bytes)}
                </option>
              ))}
          </select>
        </label>
        <label className="field">
          <span className="field-label">Seed of every key and nonce</span>
          <input
            className="input mono"
            type="number"
            min={0}
            max={LARGEST_SEED}
            step={1}
            required
            value={Number.isNaN(draft.seed) ? '' : draft.seed}
            onChange={(event) => change({ seed: event.target.valueAsNumber })}
          />
        </label>
        <label className="field">
          <span className="field-label">Host memory under SME</span>
          <select
            className="input"
            value={draft.sme}
            onChange={(event) =>
              change({ sme: SME_POLICIES.find((each) => each === event.target.value) ?? sme })
            }
          >
            {SME_POLICIES.map((policy) => (
              <option key={policy} value={policy}>
                {POLICY_NAMES[policy]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span className="field-label">Cipher mode</span>
          <select
            className="input"
            value={draft.encryption}
            onChange={(event) =>
              change({
                encryption: ENCRYPTION_MODES.find((each) => each === event.target.value) ?? encryption,
              })
            }
          >
            {ENCRYPTION_MODES.map((mode) => (
              <option key={mode} value={mode}>
                {MODE_NAMES[mode].title}
              </option>
            ))}
          </select>
          <span className="field-help">{MODE_NAMES[draft.encryption].hint}</span>
        </label>
        <div className="field">
          <span className="field-label">Dirty lines are written back</span>
          <Segmented
            label="Dirty lines are written back"
            value={draft.writeBack}
            options={WRITE_BACK}
            onChange={(value) => change({ writeBack: value })}
          />
          <span className="field-help">
            {WRITE_BACK.find(({ value }) => value === draft.writeBack)?.hint}
          </span>
        </div>
        <div className="field">
          <span className="field-label">In the BIOS</span>
          <label className="check">
            <input
              type="checkbox"
              checked={draft.tsme}
              onChange={(event) => change({ tsme: event.target.checked })}
            />
            Transparent SME
          </label>
          <span className="field-help">
            <Term word="TSME">TSME</Term> needs no C-bit.
          </span>
        </div>
      </div>
      <footer className="dialog-foot">
        <p className="machine-note">The scenario, or your own actions, run again on it.</p>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" className="button button-primary" disabled={!seedFits}>
          Power it on
        </button>
      </footer>
    </form>
  );
}
