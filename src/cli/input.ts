import { closeSync, openSync, readSync } from 'node:fs';
import { printable, Refusal } from './command';
import { jsonErrorIndex } from './json-error';

/** Far above any file that a person writes or a test needs; a guard against the wrong file. */
const LIMIT_MIB = 32;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission is denied',
};

/** The bytes of a file, whatever kind of file it is. @throws Refusal when it cannot be read or is too large. */
function readBytes(path: string): Uint8Array {
  const room = new Uint8Array(LIMIT_MIB * 1024 * 1024 + 1);
  let length = 0;
  try {
    const file = openSync(path, 'r');
    try {
      for (let got = -1; got !== 0 && length < room.length; length += got)
        got = readSync(file, room, length, room.length - length, null);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Refusal(`${printable(path)}: cannot be read: ${REASONS[code] ?? code}.`);
  }
  if (length === room.length) throw new Refusal(`${printable(path)}: larger than ${LIMIT_MIB} MiB, refused.`);
  return room.subarray(0, length);
}

/** The text of a file. @throws Refusal when it is unreadable, too large or not UTF-8. */
export function readText(path: string): string {
  const bytes = readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(`${printable(path)}: not UTF-8 text.`);
  }
}

/** A JSON file as plain data. @throws Refusal as `readText`, and when it is not JSON (with line and column). */
export function readJson(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(`${printable(path)}: not valid JSON: ${describeError(text)}.`);
  }
}

function describeError(text: string): string {
  const index = jsonErrorIndex(text) ?? text.length;
  const before = text.slice(0, index);
  const line = before.split('\n').length;
  const column = [...before.slice(before.lastIndexOf('\n') + 1)].length + 1;
  const found = text.codePointAt(index);
  const problem =
    found === undefined
      ? 'the text ends too early'
      : `unexpected "${printable(String.fromCodePoint(found))}"`;
  return `line ${line}, column ${column}: ${problem}`;
}
