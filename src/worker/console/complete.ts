import type { FieldInfo } from '../../engine/core/vocabulary';
import type { Completion } from '../protocol';
import { COMMANDS } from './commands';
import type { Known, Options } from './known';
import { TRANSLATORS } from './translators';

/** What can stand at the caret: verbs first, then each field's values. */
export function completions(line: string, caret: number, known: Known): Completion {
  const before = line.slice(0, caret);
  const from = before.search(/\S*$/);
  const start = before.slice(from);
  const words = before.slice(0, from).trim().split(/\s+/).filter(Boolean);
  const options = words.length === 0 ? verbs(known) : values(words, known);
  return { from, options: options.filter(({ text }) => text.startsWith(start)).slice(0, 40) };
}

const verbs = ({ vocabulary }: Known): Options => [
  ...TRANSLATORS.map(({ name, help }) => ({ text: name, help })),
  ...vocabulary.map(({ type, title }) => ({ text: type, help: title })),
  ...COMMANDS.map(({ name, help }) => ({ text: name, help })),
];

function values(words: readonly string[], known: Known): Options {
  const [verb, ...rest] = words;
  const translator = TRANSLATORS.find(({ name }) => name === verb);
  if (translator) return translator.complete(rest, known);
  const info = known.vocabulary.find(({ type }) => type === verb);
  if (!info) {
    const names = known.guests.map(({ name }) => name);
    return COMMANDS.find(({ name }) => name === verb)?.complete?.(rest, names) ?? [];
  }
  const suggested = known.offers.find(({ type }) => type === info.type)?.suggested ?? {};
  const given = new Set(rest.map((word) => /^([a-z-]+)=/.exec(word)?.[1]));
  const positional = rest.filter((word) => !/^[a-z-]+=/.test(word)).length;
  const open = info.fields.filter(({ name }) => !given.has(name)).slice(positional);
  const next = open[0];
  return [
    ...(next ? fieldValues(next, suggested[next.name], known) : []),
    ...open.map(({ name, help }) => ({ text: `${name}=`, help })),
  ];
}

function fieldValues(field: FieldInfo, suggested: unknown, { guests, files, cores }: Known): Options {
  const help = field.help;
  if (field.kind === 'guest') return guests.map(({ name }) => ({ text: name, help }));
  if (field.kind === 'config') return files.map((text) => ({ text, help }));
  if (field.kind === 'choice') return field.choices.map((choice) => ({ text: String(choice), help }));
  if (field.kind === 'boolean') return ['yes', 'no'].map((text) => ({ text, help }));
  if (field.kind === 'core')
    return Array.from({ length: cores }, (_, core) => ({ text: String(core), help }));
  if (suggested === undefined || suggested === '' || field.kind === 'lines') return [];
  const text = field.kind === 'address' ? `0x${Number(suggested).toString(16)}` : String(suggested);
  return [{ text: /\s/.test(text) ? `"${text}"` : text, help }];
}
