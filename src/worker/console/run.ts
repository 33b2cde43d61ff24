import { type Action, actionSchema } from '../../engine/actions';
import type { Outcome } from '../../engine/core/fault';
import type { Json } from '../../engine/core/json';
import type { ActionInfo } from '../../engine/core/vocabulary';
import type { ConsoleReply } from '../protocol';
import { COMMANDS, type ConsoleHost } from './commands';
import { lex } from './lexer';
import { parseAction, usage, wanted } from './parse';

export interface ConsoleSession {
  readonly vocabulary: readonly ActionInfo[];
  readonly perform: (action: Action) => Outcome<Json>;
  readonly host: Omit<ConsoleHost, 'usage' | 'helpFor'>;
}

const refused = (line: string, at: number, message: string): ConsoleReply => ({
  tone: 'refused',
  lines: [`${message} (column ${at + 1})`, line.slice(0, 200), `${' '.repeat(Math.min(at, 200))}^`],
});

/** Reads one line and does what it says; every mistake is a located sentence and moves nothing. */
export function runLine(line: string, session: ConsoleSession): ConsoleReply {
  const lexed = lex(line);
  if (!lexed.ok) return refused(line, lexed.at, lexed.message);
  const [verb, ...rest] = lexed.words;
  if (!verb) return { tone: 'plain', lines: [] };
  const command = COMMANDS.find(({ name }) => name === verb.text);
  if (command) {
    const result = command.run(rest, {
      ...session.host,
      usage: () => usageLines(session.vocabulary),
      helpFor: (name) => helpFor(session.vocabulary, name),
    });
    return result.ok ? { tone: 'plain', lines: result.lines } : refused(line, result.at, result.message);
  }
  const info = session.vocabulary.find(({ type }) => type === verb.text);
  if (!info) return refused(line, verb.start, `there is no verb ${verb.text.slice(0, 40)}; help lists them`);
  const parsed = parseAction(info, rest);
  if (!parsed.ok) return refused(line, parsed.at, parsed.message);
  const checked = actionSchema.safeParse(parsed.action);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const name = String(issue?.path[0] ?? '');
    const word =
      rest.find(({ text }) => text.startsWith(`${name}=`)) ??
      rest[info.fields.findIndex((field) => field.name === name)];
    return refused(line, word?.start ?? verb.end, `${name}: ${issue?.message ?? 'not right'}`);
  }
  const outcome = session.perform(checked.data);
  if (outcome.ok) return { tone: 'plain', lines: resultLines(outcome.value) };
  const { name, message, rule, remedy } = outcome.fault;
  return {
    tone: 'fault',
    lines: [`${name}: ${message}`, `${rule.says} (${rule.source})`, `It would need: ${remedy}`],
  };
}

function resultLines(value: Json): string[] {
  if (value === null) return ['done'];
  if (typeof value !== 'object') return [String(value)];
  return Object.entries(value).map(
    ([name, part]) =>
      `${name}: ${typeof part === 'number' && part > 0xffff ? `0x${part.toString(16)}` : String(part)}`,
  );
}

const usageLines = (vocabulary: readonly ActionInfo[]): string[] => [
  ...vocabulary.map((info) => `${usage(info)} — ${info.title}`),
  ...COMMANDS.map((command) => `${command.usage} — ${command.help}`),
];

function helpFor(vocabulary: readonly ActionInfo[], verb: string): string[] | null {
  const command = COMMANDS.find(({ name }) => name === verb);
  if (command) return [command.usage, command.help];
  const info = vocabulary.find(({ type }) => type === verb);
  if (!info) return null;
  return [
    usage(info),
    info.help,
    ...info.fields.map(
      (field) =>
        `  ${field.name}${field.optional ? ' (optional)' : ''}: ${field.help}${field.kind === 'choice' ? ` — ${wanted(field)}` : ''}`,
    ),
  ];
}
