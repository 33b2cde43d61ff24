import { useEffect } from 'react';
import { firstPicture } from '../../store/firstPicture';
import { overlayStore } from '../../store/overlay';
import { setView, viewStore } from '../../store/view';
import { belongsToWidget, pressed } from './hotkeys';

type Commands = typeof import('../palette/commands');

let commands: Commands | null = null;
/** Pressed before the commands were here; done as soon as they are. */
const early: KeyboardEvent[] = [];

function onKey(event: KeyboardEvent): void {
  if (commands) {
    obey(event, commands);
    return;
  }
  early.push(event);
  void fetchCommands();
}

async function fetchCommands(): Promise<void> {
  const fetched = await import('../palette/commands').catch(() => null);
  if (!fetched) return;
  commands = fetched;
  for (const event of early.splice(0)) obey(event, fetched);
}

function obey(event: KeyboardEvent, { COMMANDS, possible }: Commands): void {
  if (viewStore.getState().blanked) {
    event.preventDefault();
    setView({ blanked: false });
    return;
  }
  if (event.defaultPrevented || overlayStore.getState().overlay !== null) return;
  // From inside the editor the event names only the element that the editor lives in.
  if (belongsToWidget(event.composedPath()[0] ?? event.target, event)) return;
  const command = COMMANDS.find(({ keys }) => keys?.some((key) => pressed(key, event)));
  if (!command) return;
  event.preventDefault();
  if (possible(command)) command.perform();
}

/** One listener for all commands; a widget that wants a key for itself keeps it. */
export function useHotkeys(): void {
  useEffect(() => {
    addEventListener('keydown', onKey);
    void firstPicture.then(fetchCommands);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
