import type { JsonObject } from '../../engine/core/json';
import type { ActionInfo, FieldInfo } from '../../engine/core/vocabulary';
import type { Word } from './lexer';

export type Parsed =
  | { readonly ok: true; readonly action: JsonObject }
  | { readonly ok: false; readonly at: number; readonly message: string };

/** Turns words into an action: arguments in the order of the fields, or `name=value`. */
export function parseAction(info: ActionInfo, words: readonly Word[]): Parsed {
  const action: Record<string, string | number | boolean> = { type: info.type };
  let position = 0;
  for (const word of words) {
    const named = /^([a-z-]+)=(.*)$/s.exec(word.text);
    const field =
      named && info.fields.some(({ name }) => name === named[1])
        ? info.fields.find(({ name }) => name === named[1])
        : nextFree(info, action, position);
    if (!field)
      return { ok: false, at: word.start, message: `${info.type} takes no further argument: ${usage(info)}` };
    if (!named || field.name !== named[1]) position = info.fields.indexOf(field) + 1;
    if (field.name in action) return { ok: false, at: word.start, message: `${field.name} is given twice` };
    const value = parseValue(field, named && field.name === named[1] ? (named[2] ?? '') : word.text);
    if (value === null) return { ok: false, at: word.start, message: `${field.name}: ${wanted(field)}` };
    action[field.name] = value;
  }
  const missing = info.fields.find(({ name, optional }) => !optional && !(name in action));
  if (missing)
    return { ok: false, at: words.at(-1)?.end ?? 0, message: `${missing.name} is missing: ${usage(info)}` };
  return { ok: true, action };
}

const nextFree = (info: ActionInfo, action: object, from: number): FieldInfo | undefined =>
  info.fields.slice(from).find(({ name }) => !(name in action));

function parseValue(field: FieldInfo, text: string): string | number | boolean | null {
  switch (field.kind) {
    case 'address':
    case 'number':
    case 'core':
      return parseNumber(text);
    case 'boolean':
      return ['true', 'yes', 'on', '1'].includes(text)
        ? true
        : ['false', 'no', 'off', '0'].includes(text)
          ? false
          : null;
    case 'choice':
      return field.choices.includes(text) ? text : null;
    default:
      return text;
  }
}

/** Decimal or 0x…, with KiB, MiB, GiB behind it if one likes. */
export function parseNumber(text: string): number | null {
  const parts = /^(0x[0-9a-f_]+|[0-9][0-9_]*)(k|kib|m|mib|g|gib)?$/i.exec(text);
  if (!parts) return null;
  const unit = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[parts[2]?.[0]?.toLowerCase() ?? ''] ?? 1;
  const value = Number((parts[1] ?? '').replaceAll('_', '')) * unit;
  return Number.isSafeInteger(value) ? value : null;
}

export function wanted({ kind, choices, help }: FieldInfo): string {
  if (kind === 'choice') return `one of ${choices.join(', ')} is wanted`;
  if (kind === 'boolean') return 'yes or no is wanted';
  if (kind === 'address' || kind === 'number' || kind === 'core')
    return `a number is wanted, as 4096, 0x1000 or 4k (${help})`;
  return help;
}

export const usage = ({ type, fields }: ActionInfo): string =>
  [type, ...fields.map(({ name, optional }) => (optional ? `[${name}]` : name))].join(' ');
