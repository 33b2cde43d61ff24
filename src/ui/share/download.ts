import { notify } from '../../store/notices';
import { engine } from '../../store/session';

/** Hands a file to the browser, to be saved under a name. */
export function offerFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Hands the session to the browser as a file. */
export async function downloadSession(): Promise<void> {
  const file = await engine.save().catch(() => null);
  if (!file) return;
  offerFile(file, 'session.sevscope.json');
  notify({
    tone: 'done',
    title: 'The session was saved as a file',
    message: 'Drop it onto SEVscope to go on from here.',
  });
}
