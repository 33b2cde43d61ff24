import {
  LARGEST_CONFIG,
  LARGEST_FILE,
  offerConfig,
  offerParcel,
  openFile,
  type Parcel,
} from '../../store/intake';
import { notify } from '../../store/notices';
import { configName, decodeText, looksLikeConfig, placeWords } from '../config/places';
import { decodePicture } from './decode';
import { takeForLaunch } from './launchFile';

export type FileKind = 'picture' | 'session' | 'config' | 'bytes';

/** Scenarios and sessions are opened, configurations go to xl, firmware is measured; everything else goes into a guest's memory, pictures as their pixels. */
export function kindOf(name: string, mediaType: string): FileKind {
  if (/\.(ya?ml|json)$/i.test(name)) return 'session';
  if (/\.cfg$/i.test(name)) return 'config';
  if (/^image\/(?!svg)/.test(mediaType) || /\.(png|jpe?g|gif|webp|avif|bmp)$/i.test(name)) return 'picture';
  return 'bytes';
}

export const WHAT_HAPPENS: Readonly<Record<FileKind, string>> = {
  session: 'Opens as a scenario or a saved session',
  config: 'xl reads it as the configuration of a guest',
  picture: 'Its pixels go into a guest’s memory',
  bytes: 'Its bytes go into a guest’s memory',
};

const refuse = (title: string, message: string, where: string): void =>
  void notify({ tone: 'refused', title, message, where });

/** Takes a dropped or picked file. What cannot be used is named, with the reason; the session goes on untouched. */
export async function takeFile(file: File): Promise<void> {
  if (file.size === 0) return refuse('This file is empty', 'There are no bytes in it.', file.name);
  if (file.size > LARGEST_FILE) {
    const size = (file.size / 2 ** 20).toFixed(1);
    return refuse('This file is too large', `It has ${size} MiB; up to 64 MiB can be taken.`, file.name);
  }
  const kind = kindOf(file.name, file.type);
  if (kind === 'picture') return takePicture(file);
  if (kind === 'config' && file.size > LARGEST_CONFIG) {
    const [size, most] = [file.size, LARGEST_CONFIG].map((bytes) => bytes.toLocaleString('en'));
    return refuse(
      'This configuration is too large',
      `It has ${size} bytes; up to ${most} are read.`,
      file.name,
    );
  }
  let bytes: Uint8Array;
  try {
    if (kind === 'bytes' && (await takeForLaunch(file))) return;
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return refuse(
      'This file cannot be read',
      'It is a folder, or it has changed or gone since it was chosen.',
      file.name,
    );
  }
  const again = () => void takeFile(file);
  if (kind === 'session') await openFile(file.name, bytes);
  else if (!takeConfig(file.name, bytes, kind === 'config', again))
    offerParcel({ name: file.name, bytes, picture: null, note: null, again });
}

/** A configuration, by its name or because it looks like one. False if it is none. */
function takeConfig(dropped: string, bytes: Uint8Array, named: boolean, again: () => void): boolean {
  if (bytes.length > LARGEST_CONFIG) return false;
  const decoded = decodeText(bytes);
  if (!decoded.ok) {
    if (named)
      refuse(
        'This configuration cannot be read',
        `At ${placeWords(decoded)}: ${decoded.message}`,
        `${dropped}, ${placeWords(decoded)}`,
      );
    return named;
  }
  if (!named && !looksLikeConfig(decoded.text)) return false;
  offerConfig({ name: configName(dropped), dropped, text: decoded.text, again });
  return true;
}

async function takePicture(file: File): Promise<void> {
  let parcel: Omit<Parcel, 'again'>;
  try {
    parcel = await decodePicture(file);
  } catch {
    return refuse(
      'This picture cannot be decoded',
      'It is named like a picture, but its contents are broken or of a form this browser does not know.',
      file.name,
    );
  }
  offerParcel({ ...parcel, again: () => void takePicture(file) });
}
