import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { COMMANDS } from '../../../engine/asp/commands';
import { creationChecks } from '../../../engine/xen/xl/checks';
import { DIALECTS } from '../../../engine/xen/xl/dialects';
import type { RuleEntry } from '../types';
import { bound, evaluate, type Scope, scopeOf } from './literals';

/** A rule as the source says it, and where. */
type Found = Omit<RuleEntry, 'files' | 'rooms' | 'commands'> & {
  readonly file: string;
  readonly command?: string;
};

const root = new URL('../../../../', import.meta.url);

/** Files of the engine that are part of the product. */
function engineFiles(): string[] {
  return readdirSync(new URL('src/engine/', root), { recursive: true, encoding: 'utf8' })
    .map((name) => `src/engine/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('/testing/'))
    .sort();
}

/** The named properties of an object literal; null when one of the three that make a rule is missing. */
function ruleLiteral(node: ts.Node): ReadonlyMap<string, ts.Expression> | null {
  if (!ts.isObjectLiteralExpression(node)) return null;
  const parts = new Map<string, ts.Expression>();
  for (const property of node.properties) {
    if (ts.isPropertyAssignment(property) && ts.isIdentifier(property.name))
      parts.set(property.name.text, property.initializer);
    if (ts.isShorthandPropertyAssignment(property)) parts.set(property.name.text, property.name);
  }
  return ['id', 'says', 'source'].every((name) => parts.has(name)) ? parts : null;
}

function rulesIn(file: string): Found[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(new URL(file, root), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const scope = scopeOf(source);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    const literal = ruleLiteral(node);
    if (literal && isRule(literal)) found.push(...readings(node, literal, scope, file, source));
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

/** Checks of commands are read off the running program, which knows all of their words. */
const isRule = (parts: ReadonlyMap<string, ts.Expression>): boolean =>
  !parts.has('holds') && !parts.has('checks');

/** A rule that a function makes is read once for each call of it in the file; any other once. */
function readings(
  node: ts.Node,
  parts: ReadonlyMap<string, ts.Expression>,
  scope: Scope,
  file: string,
  source: ts.SourceFile,
): Found[] {
  const maker = [...scope.functions].find(([, body]) => body.pos <= node.pos && node.end <= body.end);
  const direct = reading(parts, scope, new Map(), file);
  if (!maker || (direct && !direct.id.includes('…'))) return direct ? [direct] : [];
  const [name, body] = maker;
  return callsOf(name, source).flatMap((call) => {
    const read = reading(parts, scope, bound(body, call.arguments, scope), file);
    return read ? [read] : [];
  });
}

function callsOf(name: string, source: ts.SourceFile): ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name)
      calls.push(node);
    node.forEachChild(visit);
  };
  visit(source);
  return calls;
}

function reading(
  parts: ReadonlyMap<string, ts.Expression>,
  scope: Scope,
  names: ReturnType<typeof bound>,
  file: string,
): Found | null {
  const text = (part: string): string | null => {
    const expression = parts.get(part);
    const value = expression && evaluate(expression, scope, names);
    return typeof value === 'string' ? value : null;
  };
  const [id, says, source] = [text('id'), text('says'), text('source')];
  if (!id || !says || !source) return null;
  return { id, says, source, standing: text('standing') === 'modelled' ? 'modelled' : 'published', file };
}

/** Every check of every command of the firmware, in words that the running program has put together. */
function firmwareChecks(): Found[] {
  return Object.values(COMMANDS).flatMap(({ name, checks }) =>
    checks.map(({ id, says, source, standing, status }) => ({
      id,
      says: `Refused when ${says}.`,
      source,
      standing: standing ?? ('published' as const),
      status,
      file: 'src/engine/asp/commands',
      command: name,
    })),
  );
}

/** What refuses a domain before it is created, in every tree of Xen. */
function creationRules(): Found[] {
  return DIALECTS.flatMap((tree) =>
    creationChecks(tree).map(({ at, why, source, status, error }) => ({
      id: `xen.create.${at}`,
      says: `${at} refuses: ${why}.`,
      source,
      standing: status === 'hypothetical' ? ('modelled' as const) : ('published' as const),
      status: error,
      file: 'src/engine/xen/xl/checks.ts',
    })),
  );
}

const roomOf = (file: string): string => file.split('/')[2]?.replace(/\.ts$/, '') ?? '';

/** Every rule of the engine once, with all the places where it stands. */
export function readRules(): RuleEntry[] {
  const all = [...engineFiles().flatMap(rulesIn), ...firmwareChecks(), ...creationRules()];
  const entries = new Map<string, RuleEntry>();
  for (const { file, command, ...rule } of all) {
    const name = `${rule.id}\n${rule.says}\n${rule.source}`;
    const { files = [], rooms = [], commands = [] } = entries.get(name) ?? {};
    entries.set(name, {
      ...rule,
      files: added(files, file),
      rooms: added(rooms, roomOf(file)),
      commands: command ? added(commands, command) : commands,
    });
  }
  return [...entries.values()].sort((a, b) => (a.id + a.says < b.id + b.says ? -1 : 1));
}

const added = (list: readonly string[], one: string): readonly string[] =>
  list.includes(one) ? list : [...list, one];
