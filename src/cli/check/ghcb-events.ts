import { z } from 'zod';
import type { Detail, NaeEvent, Needed } from '../../engine/cpu/ghcb/event';
import { NAE_EVENTS } from '../../engine/cpu/ghcb/events';
import { GHCB_FIELDS } from '../../engine/cpu/ghcb/layout';
import { type Compare, hasEntryWith, isRecord, type Recogniser } from './result';
import { hexNumber, plain, runTable, sentence, shown } from './tables';

const row = z.object({
  code: hexNumber,
  name: sentence,
  inputs: z.array(sentence),
  outputs: z.array(sentence),
});

/** Words by which a file limits what it says to one case, and ours for that case. */
const CASES: readonly (readonly [RegExp, string])[] = [
  [/leaf 0xD only/, 'leaf 0xD'],
  [/for OUT\b/, 'OUT'],
  [/for IN\b/, 'IN'],
  [/for string/, 'string'],
  [/for write/, 'write'],
  [/for read/, 'read'],
  [/for set/, 'set'],
  [/for get/, 'get'],
  [/not for destroy/, 'not destroy'],
  [/\(register\)/, 'register'],
  [/\(unregister\)/, 'unregister'],
  [/on error/, 'error'],
];

const FIELD = /\b(SW_EXITINFO1|SW_EXITINFO2|SW_SCRATCH|XCR0|CPL|R(?:[A-D]X|[SD]I|[SB]P|\d+))\b/g;

/** `RAX` or `RAX (write)`. */
const inCase = (field: string, only: string | undefined): string => (only ? `${field} (${only})` : field);

/** The fields that sentences name, each with its case, in order. */
function fieldsIn(sentences: readonly string[]): string[] {
  return sentences.flatMap((text) => {
    const only = CASES.find(([words]) => words.test(text))?.[1];
    return [...text.matchAll(FIELD)].map(([field]) => inCase(field, only));
  });
}

/** Parts and values that a sentence gives to a number: `[19:16]`, `bit 0` and `1=create`, without remarks. */
function partsIn(sentences: readonly string[], field: string): string[] {
  const text = sentences
    .filter((sentence) => sentence.includes(field))
    .join(' ')
    .replace(/\([^)]*\)/g, '');
  const ranges = [...text.matchAll(/\[(\d+):(\d+)\]/g)].map(([, hi, lo]) => `[${hi}:${lo}]`);
  const bits = [...text.matchAll(/\bbit (\d+)\b/g)].map(([, bit]) => `[${bit}:${bit}]`);
  const values = [...text.matchAll(/\b(\d+)=([a-z-]+(?: [a-z-]+)*)/gi)].map(
    ([, value, word = '']) => `${value}=${plain(word)}`,
  );
  return [...ranges, ...bits, ...values];
}

const ourParts = ({ bits = [], values = {} }: Partial<Detail> = {}): string[] => [
  ...bits.map(({ hi, lo }) => `[${hi}:${lo}]`),
  ...Object.entries(values).map(([value, word]) => `${value}=${plain(word)}`),
];

const ourFields = (needed: readonly Needed[]): string[] =>
  needed.map(({ field, only }) => inCase(GHCB_FIELDS[field].label, only?.says));

const ourDetail = (label: string, detail: Detail | undefined): string[] =>
  detail ? [inCase(label, detail.only?.says)] : [];

const list = (words: readonly string[]): string => [...new Set(words)].toSorted().join(', ') || 'none';

/** The event that `as guest request` refers to: its details hold here too. */
function modelOf(sentences: readonly string[]): NaeEvent | undefined {
  const like = sentences.map((text) => /^as (.+)$/.exec(text)?.[1]).find((name) => name !== undefined);
  if (like === undefined) return undefined;
  const model = NAE_EVENTS.find(({ name }) => plain(name).endsWith(plain(like)));
  if (!model) throw new Error(`event "${like}" is not known here`);
  return model;
}

function compareEvent(given: z.infer<typeof row>, compare: Compare): void {
  const ours = NAE_EVENTS.find(({ name }) => plain(name) === plain(given.name));
  if (!ours) throw new Error(`event "${given.name}" is not known here`);
  const { info1, info2, answer } = ours;
  const model = modelOf(given.inputs);
  compare('code', shown(given.code), shown(ours.code));
  compare(
    'inputs',
    list([
      ...fieldsIn(given.inputs),
      ...ourDetail('SW_EXITINFO1', model?.info1),
      ...ourDetail('SW_EXITINFO2', model?.info2),
    ]),
    list([
      ...ourFields(ours.inputs),
      ...ourDetail('SW_EXITINFO1', info1),
      ...ourDetail('SW_EXITINFO2', info2),
    ]),
  );
  compare(
    'outputs',
    list([...fieldsIn(given.outputs), ...ourDetail('SW_EXITINFO2', model?.answer)]),
    list([...ourFields(ours.outputs), ...ourDetail('SW_EXITINFO2', answer)]),
  );
  compare('SW_EXITINFO1', list(partsIn(given.inputs, 'SW_EXITINFO1')), list(ourParts(info1)));
  if (!model) compare('answer', list(partsIn(given.outputs, 'SW_EXITINFO2')), list(ourParts(answer)));
  compare('buffer', String(given.outputs.includes('buffer')), String(ours.fills ?? false));
}

/** What each event needs and returns, in the format of `ghcb.nae` of `cpu.json`. */
export const ghcbEvents = {
  name: 'events of the GHCB',
  recognises: (json: unknown) =>
    isRecord(json) && isRecord(json.ghcb) && hasEntryWith(json.ghcb.nae, 'code', 'inputs', 'outputs'),
  run: (json: unknown) =>
    runTable('ghcb.nae', (json as { ghcb: { nae: unknown } }).ghcb.nae, row, compareEvent),
} satisfies Recogniser;
