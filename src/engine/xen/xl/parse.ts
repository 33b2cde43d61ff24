import type { XlConfig } from './config';
import { type Dialect, keysOf, whyIgnored } from './dialects';
import { readSettings, type Setting } from './grammar';
import { type AboutKey, type Locate, type Located, locatorOf } from './located';
import { Reader } from './reader';
import { configOf } from './steps';

/** Why xl ends. */
export interface XlError extends Located {
  /** Who refuses: the simulator the size, libxlu the grammar, or xl what the file says. */
  readonly stage: 'size' | 'parse' | 'xl';
  /** In short: the kind of a grammar error; otherwise the same as `message`. */
  readonly error: string;
}

export type ParsedXl =
  | {
      readonly ok: true;
      readonly config: XlConfig;
      readonly warnings: readonly AboutKey[];
      readonly ignoredKeys: readonly AboutKey[];
    }
  | {
      readonly ok: false;
      readonly error: XlError;
      /** What xl said before it ended. */
      readonly warnings: readonly AboutKey[];
      /** Empty for a grammar error, when nothing is known of the keys. */
      readonly ignoredKeys: readonly AboutKey[];
    };

const MOST_BYTES = 64 * 1024;

/**
 * Reads a guest configuration as the `xl` of a dialect does: lexer and parser of libxlu, then `parse_config_data`.
 * Never throws, whatever the text.
 * @returns the configuration with xl's warnings, or the error with which xl ends; both with the keys that nobody reads,
 *   of which xl itself says nothing.
 */
export function parseXl(text: string, dialect: Dialect): ParsedXl {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > MOST_BYTES) {
    const message = `The file has ${bytes} bytes; a configuration has at most ${MOST_BYTES}.`;
    return ended({ stage: 'size', error: message, message, line: 1, column: 1 }, [], []);
  }
  const locate = locatorOf(text);
  const read = readSettings(text);
  if (!read.ok) {
    const { error, message, offset } = read.error;
    return ended({ stage: 'parse', error, message, ...locate(offset) }, [], []);
  }
  const ignoredKeys = ignoredIn(read.settings, dialect, locate);
  const reader = new Reader(read.settings, locate);
  const config = configOf(reader, dialect);
  if (!('error' in config)) return { ok: true, config, warnings: reader.warnings, ignoredKeys };
  const { error, key } = config;
  const place = reader.placeOf(key ?? '');
  return ended({ stage: 'xl', error, message: error, ...place }, reader.warnings, ignoredKeys);
}

const ended = (
  error: XlError,
  warnings: readonly AboutKey[],
  ignoredKeys: readonly AboutKey[],
): ParsedXl => ({ ok: false, error, warnings, ignoredKeys });

/** Each key once, in the order of the file. */
function ignoredIn(settings: ReadonlyMap<string, Setting>, dialect: Dialect, locate: Locate): AboutKey[] {
  const known = keysOf(dialect);
  return [...settings.values()]
    .filter(({ key }) => !known.has(key))
    .map(({ key, value }) => ({ key, message: whyIgnored(key, dialect), ...locate(value.offset) }));
}

/**
 * The file with the `key=value` arguments of `xl create` behind it, as `create_domain` appends them
 * (tools/xl/xl_vmcontrol.c): they come last, and so they win.
 */
export const withExtra = (text: string, extra: readonly string[]): string =>
  extra.length === 0 ? text : `${text}\n${extra.map((line) => `${line}\n`).join('')}\n`;
