import type { z } from '../engine/core/zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What is wrong and where: a path into the data and a plain sentence. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

/**
 * The first thing that is wrong, told as for a person; of a union, the branch that the author most likely meant. The
 * error must come from a check with `reportInput`.
 */
export const firstProblem = (error: z.core.$ZodError): Problem => explain(error.issues, []);

function explain(issues: readonly Issue[], before: Path): Problem {
  const issue = foremost(issues);
  const path = [...before, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const kinds = issue.errors.map(wantedKind);
    if (kinds.every((kind) => kind !== null)) {
      return { path, message: `“${nameAt(path)}” should be ${[...new Set(kinds)].join(', or ')}.` };
    }
    const branch = issue.errors.reduce((best, next) => (remoteness(next) < remoteness(best) ? next : best));
    if (branch.length > 0) return explain(branch, path);
  }
  return { path: unknownKeyPath(issue, path), message: sentence(issue, path) };
}

/** What a branch would take, when the value is of quite another kind. */
function wantedKind([issue]: readonly Issue[]): string | null {
  if (!issue || issue.path.length > 0 || isMissing(issue)) return null;
  return issue.code === 'invalid_type' ? kindName(issue.expected) : null;
}

/** The first issue; but a wrong key rather than the right one that is missing beside it. */
function foremost(issues: readonly Issue[]): Issue {
  const first = issues[0]!;
  const beside = JSON.stringify(first.path.slice(0, -1));
  const typo = issues.find(
    ({ code, path }) => code === 'unrecognized_keys' && JSON.stringify(path) === beside,
  );
  return typo && isMissing(first) ? typo : first;
}

/** How far a branch of a union is from what was written: keys that are missing or too many at its own level count most. */
const remoteness = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => {
    if (issue.path.length > 1) return sum + 1;
    if (issue.code === 'unrecognized_keys') return sum + 30 * issue.keys.length;
    return sum + (isMissing(issue) ? 30 : issue.path.length === 0 ? 20 : 2);
  }, 0);

const isMissing = (issue: Issue): boolean => issue.code !== 'unrecognized_keys' && issue.input === undefined;

const unknownKeyPath = (issue: Issue, path: Path): Path =>
  issue.code === 'unrecognized_keys' ? [...path, ...issue.keys.slice(0, 1)] : path;

/** What took the place of an action of an earlier release. */
function instead(action: unknown): string {
  if (action === 'guest.create')
    return ' Guests are created by xl: { type: xl.create, config: alice.cfg, extra: memory=1 }.';
  return action === 'guest.destroy' ? ' Guests are destroyed by xl.destroy.' : '';
}

function sentence(issue: Issue, path: Path): string {
  const name = nameAt(path);
  if (issue.code === 'unrecognized_keys') {
    return `Nothing here is called ${issue.keys.map((key) => `“${key.slice(0, 40)}”`).join(', ')}.`;
  }
  if (isMissing(issue)) return `“${name}” is missing.`;
  if (issue.code === 'invalid_union') {
    const given = (issue.input as Readonly<Record<string, unknown>>)[issue.discriminator ?? ''];
    if (given === undefined) return `“${name}” is missing.`;
    return `There is no action “${String(given).slice(0, 40)}”.${instead(given)}`;
  }
  if (issue.code === 'invalid_type') return `“${name}” should be ${kindName(issue.expected)}.`;
  return `“${name}” is not right: ${complaint(issue)}.`;
}

function complaint(issue: Issue): string {
  const unit = (origin: string): string =>
    origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
  if (issue.code === 'too_small') return `the least is ${issue.minimum}${unit(issue.origin)}`;
  if (issue.code === 'too_big') return `the most is ${issue.maximum}${unit(issue.origin)}`;
  return issue.message.replace(/^Invalid (?:input|option|string): /, '').replace(/\.$/, '');
}

const nameAt = (path: Path): string =>
  String(path.findLast((part) => typeof part === 'string') ?? 'the scenario');

const kindName = (expected: string): string => WORDS[expected] ?? `a ${expected}`;

const WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map of fields',
  record: 'a map of fields',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
};
