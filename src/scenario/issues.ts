import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What is wrong and where: a path into the data and a plain sentence. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

/** The first thing that is wrong, told as for a person; of a union, the branch that the author most likely meant. */
export function firstProblem(error: z.ZodError): Problem {
  return explain(error.issues[0]!, []);
}

function explain(issue: Issue, before: Path): Problem {
  const path = [...before, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = issue.errors.reduce((best, next) => (remoteness(next) < remoteness(best) ? next : best));
    if (branch[0]) return explain(branch[0], path);
  }
  return { path: unknownKeyPath(issue, path), message: sentence(issue, path) };
}

/** How far a branch of a union is from what was written: keys that are missing or too many at its own level count most. */
const remoteness = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => {
    if (issue.path.length > 1) return sum + 1;
    if (issue.code === 'unrecognized_keys') return sum + 30 * issue.keys.length;
    return sum + (isMissing(issue) ? 30 : issue.path.length === 0 ? 20 : 2);
  }, 0);

const isMissing = (issue: Issue): boolean =>
  issue.code !== 'unrecognized_keys' && issue.input === undefined && /undefined/.test(issue.message);

const unknownKeyPath = (issue: Issue, path: Path): Path =>
  issue.code === 'unrecognized_keys' ? [...path, ...issue.keys.slice(0, 1)] : path;

function sentence(issue: Issue, path: Path): string {
  const name = String(path.at(-1) ?? 'the scenario');
  switch (issue.code) {
    case 'unrecognized_keys':
      return `Nothing here is called ${issue.keys.map((key) => `“${key.slice(0, 40)}”`).join(', ')}.`;
    case 'invalid_union':
      return `“${name}” names nothing that is known here.`;
    case 'invalid_type':
      return /received undefined/.test(issue.message)
        ? `“${name}” is missing.`
        : `“${name}” should be ${article(issue.expected)}.`;
    default:
      return `“${name}” is not right: ${issue.message.replace(/^Invalid (?:input|option|string): /, '').replace(/\.$/, '')}.`;
  }
}

const WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map of fields',
  record: 'a map of fields',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
};

const article = (expected: string): string => WORDS[expected] ?? `a ${expected}`;
