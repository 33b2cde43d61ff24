import { isMac, spell } from '../app/hotkeys';
import { Dialog } from '../kit/Dialog';
import { COMMANDS, GROUPS } from './commands';
import './palette.css';

/** Every key, from the one list of commands. */
export default function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  const mac = isMac();
  return (
    <Dialog title="Keyboard shortcuts" wide onClose={onClose}>
      <div className="dialog-part shortcuts scrolls">
        {GROUPS.map((group) => {
          const commands = COMMANDS.filter((command) => command.group === group && command.keys);
          return (
            <section key={group}>
              <h3 className="overline">{group}</h3>
              <dl>
                {commands.map(({ id, title, keys }) => (
                  <div key={id}>
                    <dt>{title}</dt>
                    <dd>
                      {keys?.map((key) => (
                        <kbd key={key}>{spell(key, mac)}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}
