import type { Setting, Value } from './grammar';
import type { AboutKey, Locate } from './located';
import { strtol } from './strtol';

/**
 * The questions that `parse_config_data` asks of a parsed file, with the warnings that libxlu gives for a value of the
 * wrong kind (libxlu_cfg.c: xlu_cfg_get_string, …_get_bounded_long, …_get_defbool, …_get_list). Each answer is
 * undefined when the key is missing, and after a warning: xl then goes on as if it were missing.
 */
export class Reader {
  readonly warnings: AboutKey[] = [];

  private readonly settings: ReadonlyMap<string, Setting>;
  private readonly locate: Locate;

  constructor(settings: ReadonlyMap<string, Setting>, locate: Locate) {
    this.settings = settings;
    this.locate = locate;
  }

  has(key: string): boolean {
    return this.settings.has(key);
  }

  isList(key: string): boolean {
    return this.settings.get(key)?.value.kind === 'list';
  }

  /** Where the value of a key stands, or the beginning of the file. */
  placeOf(key: string): { line: number; column: number } {
    return this.locate(this.settings.get(key)?.value.offset ?? 0);
  }

  string(key: string): string | undefined {
    const value = this.settings.get(key)?.value;
    if (!value || value.kind === 'string') return value?.text;
    this.warn(key, `parameter '${key}' is a list but should be a single value: ignored`);
    return undefined;
  }

  /** @param quiet do not warn; for keys that may be a number or a word. */
  long(key: string, quiet = false): number | undefined {
    const value = this.settings.get(key)?.value;
    if (!value) return undefined;
    const problem = this.numberProblem(key, value);
    if (problem === null) return strtol((value as { text: string }).text).value;
    if (!quiet) this.warn(key, `${problem}: ignored`);
    return undefined;
  }

  /** A number that may not leave its bounds; outside of them it counts as missing. */
  bounded(key: string, least: number, most: number): number | undefined {
    const value = this.long(key);
    if (value === undefined || (value >= least && value <= most)) return value;
    const [side, bound] = value < least ? ['smaller than minimum', least] : ['greater than maximum', most];
    this.warn(key, `value '${value}' of '${key}' is ${side} bound '${bound}': ignored`);
    return undefined;
  }

  /** A number, 0 or not; words such as "yes" are none. */
  bool(key: string): boolean | undefined {
    const value = this.long(key);
    return value === undefined ? undefined : value !== 0;
  }

  /** The strings of a list up to the first entry that is itself a list, where xl's loops end. */
  list(key: string): readonly string[] | undefined {
    const value = this.settings.get(key)?.value;
    if (!value) return undefined;
    if (value.kind === 'list') return stringsOf(value.items);
    this.warn(key, `parameter '${key}' is a single value but should be a list: ignored`);
    return undefined;
  }

  /** A list, or one string as a list of one. */
  listOrString(key: string): readonly string[] | undefined {
    const value = this.settings.get(key)?.value;
    return value?.kind === 'string' ? [value.text] : this.list(key);
  }

  warn(key: string, message: string): void {
    this.warnings.push({ key, message, ...this.placeOf(key) });
  }

  private numberProblem(key: string, value: Value): string | null {
    if (value.kind === 'list') return `parameter '${key}' is a list but should be a single value`;
    if (this.settings.get(key)?.added) return `can't use += with numbers for parameter '${key}'`;
    const { whole, outOfRange } = strtol(value.text);
    if (outOfRange)
      return `parameter '${key}' could not be parsed as a number: Numerical result out of range`;
    return whole ? null : `parameter '${key}' is not a valid number`;
  }
}

function stringsOf(items: readonly Value[]): string[] {
  const strings: string[] = [];
  for (const item of items) {
    if (item.kind !== 'string') break;
    strings.push(item.text);
  }
  return strings;
}
