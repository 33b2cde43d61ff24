import { notify } from '../../store/notices';
import { engine } from '../../store/session';

/** Hands the session to the browser as a file. */
export async function downloadSession(): Promise<void> {
  const bytes = await engine.save().catch(() => null);
  if (!bytes) return;
  const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: 'application/json' }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = 'session.sevscope.json';
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  notify({
    tone: 'done',
    title: 'The session was saved as a file',
    message: 'Drop it onto SEVscope to go on from here.',
  });
}
