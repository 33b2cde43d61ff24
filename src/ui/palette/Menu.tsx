import { TECHNOLOGIES } from '../../engine/core/config';
import { openPlace } from '../../store/session';
import { TECHNOLOGY_NAMES } from '../header/machine';
import { Dialog } from '../kit/Dialog';
import { Segmented } from '../kit/Segmented';
import { useEngine, useStatus } from '../kit/stores';
import { COMMANDS, possible } from './commands';
import './palette.css';

const SHOWN = new Set(['Session', 'Screen', 'Help']);

/** The header of a narrow screen: the same commands, one a row. */
export default function Menu({ onClose }: { readonly onClose: () => void }) {
  const state = useEngine((all) => all);
  const technology = useStatus(({ config }) => config.technology);
  return (
    <Dialog title="Menu" place="side" onClose={onClose}>
      <div className="dialog-part scrolls">
        {technology && (
          <Segmented
            label="Memory encryption"
            value={technology}
            options={TECHNOLOGIES.map((value) => ({ value, ...TECHNOLOGY_NAMES[value] }))}
            onChange={(value) => void openPlace({ kind: 'reconfigure', config: { technology: value } })}
          />
        )}
        <ul>
          {COMMANDS.filter(({ group }) => SHOWN.has(group)).map((command) => (
            <li key={command.id}>
              <button
                type="button"
                className="menu-item"
                disabled={!possible(command, state)}
                onClick={() => {
                  onClose();
                  command.perform();
                }}
              >
                <command.icon aria-hidden />
                {command.title}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
