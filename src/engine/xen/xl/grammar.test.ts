import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSettings, type Value } from './grammar';
import { locatorOf } from './located';

const errorAt = (text: string): string => {
  const read = readSettings(text);
  if (read.ok) throw new Error('it was accepted');
  const { line, column } = locatorOf(text)(read.error.offset);
  return `${line}:${column}: ${read.error.message.replace('config parsing error ', '')}`;
};

type Plain = string | readonly Plain[];
const plain = (value: Value): Plain => (value.kind === 'string' ? value.text : value.items.map(plain));

const settingsOf = (text: string): Record<string, Plain> => {
  const read = readSettings(text);
  if (!read.ok) throw new Error(read.error.message);
  return Object.fromEntries([...read.settings].map(([key, { value }]) => [key, plain(value)]));
};

describe('what xl accepts', () => {
  it.each<[string, Record<string, Plain>]>([
    ['', {}],
    ['\n;;\n # nothing\n', {}],
    ['a=1', { a: '1' }],
    ["a = 0x1f; b.c_2 = 'x'", { a: '0x1f', 'b.c_2': 'x' }],
    ['a = "it\\"s \\t\\\\ \\n"', { a: 'it"s \t\\ \n' }],
    ["a = '# no comment'", { a: '# no comment' }],
    ['a = [ ]', { a: [] }],
    ['a = [\n\n1,\n"b", # one\n]\n', { a: ['1', 'b'] }],
    ['a = [[1], [], [[2]]]', { a: [['1'], [], [['2']]] }],
    ['a = [1]; a += [2]', { a: ['1', '2'] }],
    ['a = "x"; a += "y"; a = "z"', { a: 'z' }],
    ['a += "first"', { a: 'first' }],
    ['a = "\\0123"', { a: '' }],
  ])('%j', (text, settings) => expect(settingsOf(text)).toEqual(settings));
});

describe('what xl refuses, in its words, where it stands', () => {
  it.each([
    ['Coco = 1', "1:1: near `Coco': lexical error"],
    ['a = 0x0F', "1:8: near `F': lexical error"],
    ['a = -1', "1:5: near `-1': lexical error"],
    ['a = 1\r\n', "1:6: near `\r': lexical error"],
    ['a = 1 # the end', "1:7: near `#': lexical error"],
    ['a = "x', '1:5: near `"x\': lexical error'],
    ['a = "x\n"', '1:5: near `"x\': lexical error'],
    ['a = "😀" 😀', "1:9: near `😀': lexical error"],
    ['a = "\\q"', '1:6: near `"\\q"\': invalid character after backlash in quoted string'],
    ['a = "\\x41"', '1:6: near `"\\x41"\': invalid digit after backslash hexnumerical'],
    ['a = "\\1"', '1:6: near `"\\1"\': invalid digit after backslash octalnumerical'],
    ['= 1', "1:1: near `=': syntax error, unexpected '=', expecting $end or IDENT or NEWLINE or ';'"],
    ['a', "1:2: near : syntax error, unexpected $end, expecting += or '='"],
    ['a = true', "1:5: near `true': syntax error, unexpected IDENT, expecting STRING or NUMBER or '['"],
    ['b = 1\na = \nc = 1', '2:5: near <newline>: syntax error, unexpected NEWLINE'],
    ['a = 1 b = 2', "1:7: near `b': syntax error, unexpected IDENT, expecting $end"],
    ['a = [1 2]', "1:8: near `2': syntax error, unexpected NUMBER, expecting ']'"],
    ['a = [, 1]', "1:6: near `,': syntax error, unexpected ',', expecting ']'"],
    ['a = ]', "1:5: near `]': syntax error, unexpected ']', expecting STRING or NUMBER or '['"],
    ['\na = [\n1,\n', "3:3: near : syntax error, unexpected $end, expecting ']'"],
    ['a = "x"; a += [1]', '1:17: near `]\': can\'t add [list] to "string" or vice versa'],
  ])('%j', (text, message) => expect(errorAt(text)).toContain(message));
});

const key = fc.stringMatching(/^[a-z][._0-9a-z]{0,8}$/);
const text = fc.string({ unit: fc.constantFrom(...'ab \t"\'\\#=[],;0é\n\r😀') });
const number = fc.stringMatching(/^[0-9][0-9a-fx]{0,6}$/);

/** A value, and one of the ways to write it. */
type Written = readonly [Plain, string];

const quoted = fc.tuple(text, fc.constantFrom('"', "'")).map(([value, quote]): Written => {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\n', '\\n');
  return [value, quote + escaped + quote];
});
const blank = fc.constantFrom('', ' ', '\t ');
const lines = fc.constantFrom('', ' ', '\n', ' # a comment "]\n', '\n\n');

const { value } = fc.letrec<{ value: Written; list: Written }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    quoted,
    number.map((digits): Written => [digits, digits]),
    tie('list'),
  ),
  list: fc
    .tuple(fc.array(fc.tuple(lines, tie('value'), lines), { maxLength: 4 }), lines, fc.boolean())
    .map(([entries, space, comma]): Written => {
      const body = entries.map(([before, [, written], after]) => before + written + after).join(',');
      return [
        entries.map(([, [item]]) => item),
        `[${body}${comma && entries.length > 0 ? ',' : ''}${space}]`,
      ];
    }),
}));

const statement = fc.tuple(key, blank, value, blank, fc.constantFrom('\n', ';', ' # é\n'));

it('reads back whatever was printed, the last assignment winning', () => {
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 12 }), (statements) => {
      const file = statements.map(
        ([name, a, [, written], b, end]) => `${a}${name}${b}=${a}${written}${b}${end}`,
      );
      const expected = Object.fromEntries(statements.map(([name, , [item]]) => [name, item]));
      expect(settingsOf(file.join(''))).toEqual(expected);
    }),
  );
});

it('is not led into depths or long waits', () => {
  expect(errorAt(`a = ${'['.repeat(60_000)}`)).toContain('unexpected $end');
  const deep = readSettings(`a = ${'['.repeat(30_000)}${']'.repeat(30_000)}`);
  expect(deep.ok).toBe(true);
  expect(settingsOf('a+=[1]\n'.repeat(9000)).a).toHaveLength(9000);
  expect(errorAt('"'.repeat(65_000))).toContain('unexpected STRING');
});
