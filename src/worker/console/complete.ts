import type { ActionInfo, ActionOffer, FieldInfo } from '../../engine/core/vocabulary';
import type { Completion } from '../protocol';
import { COMMANDS } from './commands';

/** What can stand at the caret: verbs first, then each field's values. */
export function completions(
  line: string,
  caret: number,
  vocabulary: readonly ActionInfo[],
  offers: readonly ActionOffer[],
  guests: readonly string[],
  cores: number,
): Completion {
  const before = line.slice(0, caret);
  const from = before.search(/\S*$/);
  const start = before.slice(from);
  const words = before.slice(0, from).trim().split(/\s+/).filter(Boolean);
  const options = words.length === 0 ? verbs(vocabulary) : values(words, vocabulary, offers, guests, cores);
  return { from, options: options.filter(({ text }) => text.startsWith(start)).slice(0, 40) };
}

type Options = Completion['options'][number][];

const verbs = (vocabulary: readonly ActionInfo[]): Options => [
  ...vocabulary.map(({ type, title }) => ({ text: type, help: title })),
  ...COMMANDS.map(({ name, help }) => ({ text: name, help })),
];

function values(
  words: readonly string[],
  vocabulary: readonly ActionInfo[],
  offers: readonly ActionOffer[],
  guests: readonly string[],
  cores: number,
): Options {
  const info = vocabulary.find(({ type }) => type === words[0]);
  if (!info) return COMMANDS.find(({ name }) => name === words[0])?.complete?.(words.slice(1), guests) ?? [];
  const suggested = offers.find(({ type }) => type === info.type)?.suggested ?? {};
  const given = new Set(words.slice(1).map((word) => /^([a-z-]+)=/.exec(word)?.[1]));
  const positional = words.slice(1).filter((word) => !/^[a-z-]+=/.test(word)).length;
  const open = info.fields.filter(({ name }) => !given.has(name)).slice(positional);
  const next = open[0];
  return [
    ...(next ? fieldValues(next, suggested[next.name], guests, cores) : []),
    ...open.map(({ name, help }) => ({ text: `${name}=`, help })),
  ];
}

function fieldValues(
  field: FieldInfo,
  suggested: unknown,
  guests: readonly string[],
  cores: number,
): Options {
  const help = field.help;
  if (field.kind === 'guest') return guests.map((text) => ({ text, help }));
  if (field.kind === 'choice') return field.choices.map((choice) => ({ text: String(choice), help }));
  if (field.kind === 'boolean') return ['yes', 'no'].map((text) => ({ text, help }));
  if (field.kind === 'core')
    return Array.from({ length: cores }, (_, core) => ({ text: String(core), help }));
  if (suggested === undefined || suggested === '') return [];
  const text = field.kind === 'address' ? `0x${Number(suggested).toString(16)}` : String(suggested);
  return [{ text: /\s/.test(text) ? `"${text}"` : text, help }];
}
