import type { AtPlace } from '../../worker/protocol';

/** The index in a text of a line and column that count from 1, columns in characters. */
export function offsetOf(text: string, { line, column }: Pick<AtPlace, 'line' | 'column'>): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  const characters = [...text.slice(start, end < 0 ? undefined : end)].slice(0, column - 1);
  return start + characters.join('').length;
}

/** `line 3, column 9`. */
export const placeWords = ({ line, column }: Pick<AtPlace, 'line' | 'column'>): string =>
  `line ${line}, column ${column}`;

/** A configuration as bytes: its text, or where it stops being text, in a sentence. */
export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly line: number; readonly column: number; readonly message: string };

export function decodeText(bytes: Uint8Array): DecodedText {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text: string | null = null;
  try {
    text = decoder.decode(bytes);
  } catch {
    // Where, is found below.
  }
  const nul = bytes.indexOf(0);
  if (text !== null && nul < 0) return { ok: true, text };
  const at = text === null ? firstBad(bytes) : nul;
  const before = new TextDecoder().decode(bytes.subarray(0, at)).split('\n');
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0');
  return {
    ok: false,
    line: before.length,
    column: [...(before.at(-1) ?? '')].length + 1,
    message: `the byte 0x${byte} there is no text.`,
  };
}

/** Length of the longest beginning that is UTF-8, up to an unfinished character. */
function firstBad(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length];
  while (good < bad) {
    const middle = (good + bad + 1) >> 1;
    if (isUtf8(bytes.subarray(0, middle))) good = middle;
    else bad = middle - 1;
  }
  return good;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    // `stream`: a character that is cut off at the end is no error.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const KEY =
  /^[ \t]*(name|type|builder|kernel|ramdisk|memory|maxmem|vcpus|disk|vif|cmdline|extra|coco|firmware)[ \t]*=/gm;

/** Does a text without a telling name look like a guest's configuration: two and more of xl's keys, a name among them? */
export function looksLikeConfig(text: string): boolean {
  const keys = new Set(Array.from(text.matchAll(KEY), ([, key]) => key));
  return keys.size >= 2 && keys.has('name');
}

/** A name that Domain-0 takes: letters, digits, dots, hyphens and underscores, at most 63. */
export function configName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  if (plain === '') return 'guest.cfg';
  return plain.length <= 63 ? plain : `${plain.slice(0, 50)}${plain.slice(-13)}`;
}
