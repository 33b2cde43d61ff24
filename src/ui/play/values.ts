import type { Json, JsonObject } from '../../engine/core/json';
import type { FieldInfo } from '../../engine/core/vocabulary';

/** What stands in a form's field: text as typed, or a tick. */
export type Entry = string | boolean;
export type Entries = Readonly<Record<string, Entry>>;

export type Entered =
  | { readonly ok: true; readonly value: Json | undefined }
  | { readonly ok: false; readonly why: string };

const isNumber = (field: FieldInfo): boolean =>
  field.kind === 'number' || field.kind === 'address' || field.kind === 'core';

/** A suggested value as the field shows it: addresses in hexadecimal. */
export function shown(field: FieldInfo, value: Json | undefined): Entry {
  if (field.kind === 'boolean') return value === true;
  if (value === undefined || value === null)
    return field.kind === 'choice' ? String(field.choices[0] ?? '') : '';
  if (field.kind === 'address' && typeof value === 'number') return `0x${value.toString(16)}`;
  return typeof value === 'string'
    ? value
    : typeof value === 'number'
      ? String(value)
      : JSON.stringify(value);
}

/** What was entered as the action's field, or a sentence. The worker checks it again against its schema. */
export function entered(field: FieldInfo, entry: Entry): Entered {
  if (typeof entry === 'boolean') return { ok: true, value: entry };
  const text = entry.trim();
  if (text === '' && field.kind !== 'data' && field.kind !== 'text') {
    return field.optional ? { ok: true, value: undefined } : { ok: false, why: 'This is needed.' };
  }
  if (text === '' && field.optional) return { ok: true, value: undefined };
  if (isNumber(field)) return number(field, text);
  if (field.kind === 'choice')
    return { ok: true, value: field.choices.find((choice) => String(choice) === text) ?? text };
  return { ok: true, value: KEPT.has(field.kind) ? entry : text };
}

/** Taken with every blank that was typed. */
const KEPT: ReadonlySet<FieldInfo['kind']> = new Set(['data', 'text', 'lines']);

const NUMBER = /^(0x[0-9a-f_]+|\d[\d_]*)$/i;

function number({ min, max }: FieldInfo, text: string): Entered {
  if (!NUMBER.test(text)) return { ok: false, why: 'A whole number is expected: 4096 or 0x1000.' };
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(value)) return { ok: false, why: 'This number is too large.' };
  if (min !== undefined && value < min) return { ok: false, why: `At least ${min}.` };
  if (max !== undefined && value > max) return { ok: false, why: `At most ${max}.` };
  return { ok: true, value };
}

/** The whole form as an action, or the fields that are wrong. */
export function actionOf(
  type: string,
  fields: readonly FieldInfo[],
  entries: Entries,
): { readonly action: JsonObject | null; readonly wrong: Readonly<Record<string, string>> } {
  const action: Record<string, Json> = { type };
  const wrong: Record<string, string> = {};
  for (const field of fields) {
    const result = entered(field, entries[field.name] ?? '');
    if (!result.ok) wrong[field.name] = result.why;
    else if (result.value !== undefined) action[field.name] = result.value;
  }
  return { action: Object.keys(wrong).length === 0 ? action : null, wrong };
}
