import { type Cursor, cursorAt } from './cursor';
import { type Names, namesIn } from './names';
import { type Form, fitting, formsAt, formsOf, type Shape } from './shapes';

/** One thing that could stand where the cursor is. */
export interface Suggestion {
  readonly label: string;
  /** What is written for it. */
  readonly text: string;
  readonly kind: 'key' | 'value';
  /** The kind of its value, in a word or two. */
  readonly detail: string;
  /** What the schema says about it. */
  readonly says: string;
}

/** What the schema says about a place in a scenario's text. */
export interface Assistance {
  /** What a suggestion takes the place of. */
  readonly from: number;
  readonly to: number;
  readonly suggestions: readonly Suggestion[];
  /** About the key or value at the cursor. */
  readonly help: { readonly title: string; readonly says: string } | null;
}

const MOST = 200;
const LOOKERS = ['xen', 'xen.c0', 'xen.c1', 'device', 'dram'];
/** Fields that name a guest without being a field of an action. */
const NAMES_GUEST = new Set(['victim', 'asid']);

/**
 * What may be written at an offset of a scenario's text, and what is known about what stands there. Never throws, whatever the
 * text. @param schema the JSON Schema of scenario files
 */
export function suggest(text: string, offset: number, schema: Shape): Assistance | null {
  const cursor = cursorAt(text, offset);
  if (!cursor) return null;
  const names = namesIn(text);
  const { from, to } = cursor;
  const all = cursor.whole ? possible(schema, cursor, names) : [];
  const suggestions = [...new Map(all.map((each) => [each.label, each])).values()].slice(0, MOST);
  return { from, to, suggestions, help: helpFor(schema, cursor) };
}

function possible(schema: Shape, cursor: Cursor, names: Names): Suggestion[] {
  const last = cursor.levels.at(-1);
  if (cursor.role === 'value') {
    const forms = formsAt(schema, cursor.levels);
    return forms.flatMap((form) =>
      form.shape.properties && typeof last?.part === 'number'
        ? keysOf(schema, [form], new Map(), cursor)
        : valuesOf(form, String(last?.part), names, constHelp(schema, cursor)),
    );
  }
  const above = formsAt(schema, cursor.levels.slice(0, -1));
  const beside = last?.beside ?? new Map<string, unknown>();
  if (above.some(({ shape }) => shape.properties))
    return keysOf(schema, fitting(above, beside), beside, cursor);
  // A lone word in a list of words: it was read as a key only for the colon that it got.
  const owner = cursor.levels.findLast(({ part }) => typeof part === 'string' && part !== cursor.word)?.part;
  return beside.size > 0 ? [] : above.flatMap((form) => valuesOf(form, String(owner), names, () => ''));
}

function keysOf(
  schema: Shape,
  forms: readonly Form[],
  beside: ReadonlyMap<string, unknown>,
  cursor: Cursor,
): Suggestion[] {
  return forms.flatMap(({ shape: { properties = {}, required = [] } }) =>
    Object.entries(properties)
      .filter(([name]) => !beside.has(name))
      .map(([name, property]): Suggestion => {
        const values = formsOf(schema, property);
        return {
          label: name,
          text: cursor.colon ? name : `${name}${opening(values, cursor.flow)}`,
          kind: 'key',
          detail: `${kindOf(values)}${required.includes(name) ? ', needed' : ''}`,
          says: saysOf(values),
        };
      }),
  );
}

/** What comes behind a key: its colon, and where its value begins. */
function opening(values: readonly Form[], flow: boolean): string {
  const [{ shape } = { shape: {} as Shape }] = values;
  if (values.length !== 1 || (shape.type !== 'array' && !shape.properties)) return ': ';
  const closed = shape.type === 'array' && shape.items?.enum !== undefined;
  return flow || closed ? ': ' : ':';
}

function valuesOf(
  { shape, named, says }: Form,
  field: string,
  names: Names,
  about: (value: unknown) => string,
): Suggestion[] {
  const value = (given: unknown, detail = '', text = String(given)): Suggestion => ({
    label: String(given),
    text,
    kind: 'value',
    detail,
    says: about(given) || (says ?? ''),
  });
  const several = (list: readonly string[], detail: string): Suggestion[] =>
    list.map((each) => value(each, detail));
  if (shape.const !== undefined) return [value(shape.const)];
  if (shape.enum) return shape.enum.map((each) => value(each));
  if (shape.type === 'boolean') return [value(true), value(false)];
  if (shape.kind === 'guest' || NAMES_GUEST.has(field)) return several(names.guests, 'guest');
  if (shape.kind === 'config') return several(names.configs, 'file of Domain-0');
  if (field === 'who') return [...several(names.guests, 'guest'), ...several(LOOKERS, 'who looks')];
  if (named === 'expression') return names.places.map((each) => value(each, 'address', `"${each}"`));
  return [];
}

/** What is said about each value of a key that tells one map from another: the help of an action. */
function constHelp(schema: Shape, { levels }: Cursor): (value: unknown) => string {
  const key = levels.at(-1);
  if (!key?.beside) return () => '';
  const maps = formsAt(schema, levels.slice(0, -1));
  const told = new Map(maps.map(({ shape, says }) => [shape.properties?.[key.part]?.const, says ?? '']));
  return (value) => told.get(value) ?? '';
}

function helpFor(schema: Shape, cursor: Cursor): Assistance['help'] {
  const { levels, role, word } = cursor;
  const last = levels.at(-1);
  if (!last) return null;
  const own = role === 'key' ? [...levels.slice(0, -1), { ...last, part: word }] : levels;
  const forms = formsAt(schema, own);
  const named = own.findLast(({ part }) => typeof part === 'string')?.part;
  if (forms.length === 0 || named === undefined) return null;
  const about = role === 'value' && cursor.whole ? constHelp(schema, cursor)(word) : '';
  const title = about ? word : `${named}: ${kindOf(forms)}`;
  return { title, says: about || saysOf(forms) };
}

/** What is said about a value, once. */
const saysOf = (forms: readonly Form[]): string =>
  [...new Set(forms.map(({ says }) => says).filter((says) => says !== null))].slice(0, 2).join(' ');

/** The kinds that a value may have, with its limits, in words. */
const kindOf = (forms: readonly Form[]): string =>
  [...new Set(forms.map(kindWords))].slice(0, 3).join(' or ');

function kindWords({ shape, named }: Form): string {
  const { type, maxLength, maxItems, minimum, maximum } = shape;
  if (named === 'expression') return 'address';
  if (shape.const !== undefined || shape.enum) return 'word of a list';
  if (shape.properties) return 'map';
  if (type === 'string') return maxLength === undefined ? 'text' : `text, up to ${maxLength} characters`;
  if (type === 'array') return maxItems === undefined ? 'list' : `list, up to ${maxItems}`;
  if (type === 'boolean') return 'true or false';
  if (type !== 'integer') return type ?? 'anything';
  return maximum !== undefined && maximum < 2 ** 32 ? `number, ${minimum ?? 0} to ${maximum}` : 'number';
}
