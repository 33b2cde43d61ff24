import { z } from 'zod';

/** One value of a case that differs from what the engine computes. */
export interface Mismatch {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

/** A case passes when nothing in it differs. */
export interface CaseResult {
  readonly id: string;
  readonly mismatches: readonly Mismatch[];
}

/** Reads a file that lies beside the one that is checked, by its name. @throws Error when it cannot. */
export type Beside = (name: string) => Uint8Array;

/** One format of test vectors. A file may hold several; each recogniser looks at its own part only. */
export interface Recogniser {
  /** What the program says it knows: a short plural noun phrase. */
  readonly name: string;
  /** Is there such a part in this file? Decided by the content alone. */
  recognises(json: unknown): boolean;
  /** Runs every case of that part; called only when it was recognised. Never throws on any content. */
  run(json: unknown, beside?: Beside): CaseResult[];
}

/** Notes a value that should be equal; both sides as text. */
export type Compare = (what: string, expected: string, got: string) => void;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Is `value` an array in which some entry is an object with all these fields? */
export const hasEntryWith = (value: unknown, ...fields: string[]): boolean =>
  Array.isArray(value) && value.some((entry) => isRecord(entry) && fields.every((field) => field in entry));

/** Runs one case; whatever its values make the engine throw is a failure of the case, with the reason. */
export function runCase(id: string, body: (compare: Compare) => void): CaseResult {
  const mismatches: Mismatch[] = [];
  try {
    body((what, expected, got) => {
      if (expected !== got) mismatches.push({ what, expected, got });
    });
  } catch (error) {
    mismatches.push({ what: 'run', expected: 'a case that can be run', got: reason(error) });
  }
  return { id, mismatches };
}

/** Runs the list of cases under `section` of a file: each is checked against the schema, then handed to `body`. */
export function runSection<T>(
  json: unknown,
  section: string,
  schema: z.ZodType<T>,
  body: (entry: T, compare: Compare) => void,
): CaseResult[] {
  const list = isRecord(json) ? json[section] : undefined;
  if (list === undefined) return [];
  const entries: unknown[] = Array.isArray(list) ? list : [list];
  return entries.map((entry, i) => {
    const id = isRecord(entry) && typeof entry.id === 'string' ? entry.id : `${section}[${i}]`;
    return runCase(id, (compare) => body(schema.parse(entry), compare));
  });
}

function reason(error: unknown): string {
  if (error instanceof z.ZodError) {
    return error.issues.map(({ path, message }) => `${path.join('.') || 'the case'}: ${message}`).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
