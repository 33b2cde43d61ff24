import { putLaunchFile, refuseLaunch } from '../../../store/launch';
import type { LaunchFileKind } from '../../../worker/protocol';

const LARGEST = 64 * 2 ** 20;

async function take(kind: LaunchFileKind, file: File): Promise<void> {
  const size = (file.size / 2 ** 20).toFixed(1);
  if (file.size > LARGEST)
    return refuseLaunch({
      title: 'This file is too large',
      message: `It has ${size} MiB; up to 64 MiB are measured.`,
      where: file.name,
    });
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return refuseLaunch({
      title: 'This file cannot be read',
      message: 'It is a folder, or it has changed or gone since it was chosen.',
      where: file.name,
    });
  }
  await putLaunchFile(kind, file.name, bytes);
}

/** Asks for a file with the browser’s own dialog. */
export function chooseLaunchFile(kind: LaunchFileKind): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) void take(kind, file);
  });
  input.click();
}
