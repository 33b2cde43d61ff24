import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { printable, Refusal } from './command';
import { jsonErrorIndex } from './json-error';

/** Far above any file that a person writes or a test needs; a guard against the wrong file. */
const LIMIT_MIB = 32;
const MIB = 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission is denied',
};

/**
 * The bytes of a file, whatever kind of file it is: a pipe has no size in advance.
 * @throws Refusal when it cannot be read or is too large.
 */
export function readBytes(path: string, limitMib = LIMIT_MIB): Uint8Array {
  const limit = limitMib * MIB;
  let room = new Uint8Array(64 * 1024);
  let length = 0;
  try {
    const file = openSync(path, 'r');
    try {
      for (let got = -1; got !== 0 && length <= limit; length += got) {
        if (length === room.length) {
          const larger = new Uint8Array(Math.min(4 * length, limit + 1));
          larger.set(room);
          room = larger;
        }
        got = readSync(file, room, length, room.length - length, null);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  if (length > limit) throw new Refusal(`${printable(path)}: larger than ${limitMib} MiB, refused.`);
  return room.subarray(0, length);
}

function unreadable(path: string, error: unknown): Refusal {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return new Refusal(`${printable(path)}: cannot be read: ${REASONS[code] ?? code}.`);
}

/** Names of the files in a folder up to that size, sorted; null when the path is no folder. @throws Refusal when it cannot be read. */
export function smallFilesIn(path: string, largest: number): string[] | null {
  try {
    if (!statSync(path).isDirectory()) return null;
    return readdirSync(path)
      .filter((name) => {
        const entry = statSync(join(path, name), { throwIfNoEntry: false });
        return entry?.isFile() && entry.size <= largest;
      })
      .sort();
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The text of a file. @throws Refusal when it is unreadable, too large or not UTF-8. */
export const readText = (path: string): string => textIn(path, readBytes(path));

/** The same of bytes that were read before: a pipe can be read once only. */
export function textIn(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(`${printable(path)}: not UTF-8 text.`);
  }
}

/** JSON text as plain data. @throws Refusal when it is not JSON (with line and column). */
export function jsonIn(path: string, text: string): unknown {
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
