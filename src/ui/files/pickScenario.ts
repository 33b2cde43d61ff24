import { LONGEST_DRAFT } from '../../store/drafts';
import { notify } from '../../store/notices';

/** A scenario’s text from a file that somebody chooses, wrong or not: the editor says what is wrong with it. Null for none. */
export async function pickScenario(): Promise<{ readonly name: string; readonly text: string } | null> {
  const file = await chosen();
  if (!file) return null;
  const refuse = (message: string): null => {
    notify({ tone: 'refused', title: 'This file cannot be edited', message, where: file.name });
    return null;
  };
  if (file.size > LONGEST_DRAFT)
    return refuse(`It has ${file.size} bytes; a scenario has at most ${LONGEST_DRAFT}.`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return { name: file.name.slice(-128), text };
  } catch {
    return refuse('It is not text in UTF-8, or it has gone since it was chosen.');
  }
}

const chosen = (): Promise<File | null> =>
  new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = '.yaml,.yml';
    input.addEventListener('change', () => resolve(input.files?.[0] ?? null));
    input.addEventListener('cancel', () => resolve(null));
    input.click();
  });
