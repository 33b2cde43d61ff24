import { useEffect } from 'react';
import { overlayStore } from '../../store/overlay';
import { setView, viewStore } from '../../store/view';
import { COMMANDS, possible } from '../palette/commands';
import { belongsToWidget, pressed } from './hotkeys';

function onKey(event: KeyboardEvent): void {
  if (viewStore.getState().blanked) {
    event.preventDefault();
    setView({ blanked: false });
    return;
  }
  if (event.defaultPrevented || overlayStore.getState().overlay !== null) return;
  if (belongsToWidget(event.target, event)) return;
  const command = COMMANDS.find(({ keys }) => keys?.some((key) => pressed(key, event)));
  if (!command) return;
  event.preventDefault();
  if (possible(command)) command.perform();
}

/** One listener for all commands; a widget that wants a key for itself keeps it. */
export default function Keyboard(): null {
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return null;
}
