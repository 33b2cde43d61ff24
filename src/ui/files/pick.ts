import { takeFile } from './read';

/** Asks for a file with the browser's own dialog. */
export function pickFile(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) void takeFile(file);
  });
  input.click();
}
