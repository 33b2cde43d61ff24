import { type Action, actionSchema } from '../../engine/actions';
import type { Outcome } from '../../engine/core/fault';
import type { Json, JsonObject } from '../../engine/core/json';
import type { ActionInfo } from '../../engine/core/vocabulary';
import type { ConsoleReply } from '../protocol';
import { COMMANDS, type ConsoleHost } from './commands';
import type { Known } from './known';
import { lex, type Word } from './lexer';
import { parseAction, usage, wanted } from './parse';
import { TRANSLATORS } from './translators';

export interface ConsoleSession {
  readonly known: Known;
  readonly perform: (action: Action) => Outcome<Json>;
  /** What the action that was just performed put on Domain-0's terminal. */
  readonly printed: () => NonNullable<ConsoleReply['printed']>;
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
  const { vocabulary } = session.known;
  const command = COMMANDS.find(({ name }) => name === verb.text);
  if (command) {
    const result = command.run(rest, {
      ...session.host,
      usage: () => usageLines(vocabulary),
      helpFor: (name) => helpFor(vocabulary, name),
    });
    return result.ok ? { tone: 'plain', lines: result.lines } : refused(line, result.at, result.message);
  }
  const translator = TRANSLATORS.find(({ name }) => name === verb.text);
  if (translator) {
    const translated = translator.translate(rest, line, session.known);
    if (!translated.ok) return refused(line, translated.at, translated.message);
    return performed(translated.action, session, (message) => refused(line, rest[0]?.start ?? 0, message));
  }
  const info = vocabulary.find(({ type }) => type === verb.text);
  if (!info) return refused(line, verb.start, `there is no verb ${verb.text.slice(0, 40)}; help lists them`);
  const parsed = parseAction(info, rest);
  if (!parsed.ok) return refused(line, parsed.at, parsed.message);
  return performed(parsed.action, session, (message, name) =>
    refused(line, placeOf(name, info, rest) ?? verb.end, message),
  );
}

/** Where a field stands in the line. */
const placeOf = (name: string, info: ActionInfo, words: readonly Word[]): number | undefined =>
  (
    words.find(({ text }) => text.startsWith(`${name}=`)) ??
    words[info.fields.findIndex((field) => field.name === name)]
  )?.start;

/** Checks an action and performs it; what is wrong with a field is said where it stands. */
function performed(
  action: JsonObject,
  session: ConsoleSession,
  refuse: (message: string, field: string) => ConsoleReply,
): ConsoleReply {
  const checked = actionSchema.safeParse(action);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const name = String(issue?.path[0] ?? '');
    return refuse(`${name}: ${issue?.message ?? 'not right'}`, name);
  }
  const outcome = session.perform(checked.data);
  const printed = session.printed();
  if (outcome.ok) {
    const lines = resultLines(outcome.value);
    if (!checked.data.type.startsWith('xl.')) return { tone: 'plain', printed, lines };
    // What xl itself does not print is said beside it; what it has printed is not said again.
    const aside = isPrinted(outcome.value) || outcome.value === null ? [] : [lines.join(', ')];
    return {
      tone: 'plain',
      printed: [...printed, ...aside.map((text) => ({ text, aside: true }))],
      lines: [],
    };
  }
  const { name, message, rule, remedy } = outcome.fault;
  return {
    tone: 'fault',
    printed,
    lines: [`${name}: ${message}`, `${rule.says} (${rule.source})`, `It would need: ${remedy}`],
  };
}

const isPrinted = (value: Json): boolean =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && 'lines' in value;

function resultLines(value: Json): string[] {
  if (value === null) return ['done'];
  if (typeof value !== 'object') return [String(value)];
  return Object.entries(value).flatMap(([name, part]) =>
    part !== null && typeof part === 'object'
      ? resultLines(part).map((line) => `  ${line}`)
      : [`${name}: ${typeof part === 'number' && part > 0xffff ? `0x${part.toString(16)}` : String(part)}`],
  );
}

const usageLines = (vocabulary: readonly ActionInfo[]): string[] => [
  ...TRANSLATORS.flatMap(({ usage: lines }) => lines.map(({ line, help }) => `${line} — ${help}`)),
  ...vocabulary.map((info) => `${usage(info)} — ${info.title}`),
  ...COMMANDS.map((command) => `${command.usage} — ${command.help}`),
];

function helpFor(vocabulary: readonly ActionInfo[], verb: string): string[] | null {
  const command = COMMANDS.find(({ name }) => name === verb);
  if (command) return [command.usage, command.help];
  const translator = TRANSLATORS.find(({ name }) => name === verb);
  if (translator)
    return [translator.help, ...translator.usage.map(({ line, help }) => `  ${line} — ${help}`)];
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
