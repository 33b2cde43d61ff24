import type { z } from '../engine/core/zod';

/** A value from outside, or one plain sentence about why it was refused and where in it. */
export type Located<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly where: string; readonly message: string };

export const located = (where: string, message: string): Located<never> => ({ ok: false, where, message });

/** How deep the brackets of a file may nest: what the schemas describe needs far less. */
const DEEPEST = 64;

/** `path` in the form `actions[3].guest`; the root has the name that the caller gives it. */
function pathName(root: string, path: readonly PropertyKey[]): string {
  if (path.length === 0) return root;
  const parts = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`));
  return parts.join('').replace(/^\./, '');
}

/** Checks a value against a schema; the sentence is about the first thing that is wrong. */
export function checked<T>(schema: z.ZodMiniType<T>, value: unknown, root: string): Located<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const issue = result.error.issues[0]!;
  const where = pathName(root, issue.path);
  return located(where, `There is a mistake in ${where}: ${complaint(issue)}.`);
}

function complaint(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union' && issue.discriminator) {
    const { [issue.discriminator]: given } = Object(issue.input) as Record<string, unknown>;
    return `${JSON.stringify(given)?.slice(0, 60) ?? 'nothing'} is not one of those that exist`;
  }
  return issue.message.replace(/^Invalid input: /, '').replace(/\.$/, '');
}

/** Parses JSON of strangers: no error escapes, and depth is bounded before anything recursive sees it. */
export function parseJson(bytes: Uint8Array, root: string): Located<unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (depth(text) > DEEPEST) return located(root, `${sentenceStart(root)} is nested too deeply.`);
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    const detail = error instanceof SyntaxError ? error.message : 'it is not text in UTF-8';
    return located(root, `${sentenceStart(root)} cannot be read as JSON: ${detail}.`);
  }
}

/** The deepest nesting of brackets outside strings. */
function depth(text: string): number {
  let [now, most, quoted] = [0, 0, false];
  for (let n = 0; n < text.length; n++) {
    const sign = text[n];
    if (quoted && sign === '\\') n++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === '[' || sign === '{')) most = Math.max(most, ++now);
    else if (!quoted && (sign === ']' || sign === '}')) now--;
  }
  return most;
}

const sentenceStart = (where: string): string => where.charAt(0).toUpperCase() + where.slice(1);
