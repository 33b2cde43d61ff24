import { z } from '../engine/core/zod';
import { checked, type Located, located, parseJson } from './located';
import { fromDocument, type SavedSession, toDocument } from './saved';
import { isKnownVersion, unknownVersion } from './upgrade';
import { CURRENT_VERSION } from './version';

const FORMAT = 'sevscope-session';
/** A session file is never larger. */
export const LARGEST_FILE = 128 * 1024 * 1024;

const envelope = z.looseObject({
  format: z.literal(FORMAT, 'not a session of SEVscope'),
  version: z.int().check(z.minimum(0)),
});

/** The bytes of a session file, or how many there would have been. */
export function encodeFile<A>(
  saved: SavedSession<A>,
): Uint8Array<ArrayBuffer> | { readonly tooLarge: number } {
  const text = JSON.stringify({ format: FORMAT, version: CURRENT_VERSION, ...toDocument(saved) });
  const bytes = new TextEncoder().encode(text);
  return bytes.length > LARGEST_FILE ? { tooLarge: bytes.length } : bytes;
}

/** Reads a session file of any released version. Never throws. */
export function decodeFile<A>(bytes: Uint8Array, actionSchema: z.ZodMiniType<A>): Located<SavedSession<A>> {
  if (bytes.length > LARGEST_FILE) {
    return located('the file', `The file has ${bytes.length} bytes; none is larger than ${LARGEST_FILE}.`);
  }
  const json = parseJson(bytes, 'the file');
  if (!json.ok) return json;
  const opened = checked(envelope, json.value, 'the file');
  if (!opened.ok) return opened;
  const { format: _, version, ...document } = opened.value;
  if (!isKnownVersion(version)) return located('version', unknownVersion('file', version));
  return fromDocument(version, document, actionSchema);
}
