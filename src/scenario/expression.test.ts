import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_EXPRESSION, parseExpression, parseSize } from './expression';

describe('sizes', () => {
  it.each([
    ['4096', 4096],
    ['0x1000', 4096],
    ['16 MiB', 16 * 2 ** 20],
    ['0xA KiB', 10240],
    ['1 TiB', 2 ** 40],
  ])('%s', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(['', '-1', '1.5', '16MiB', '16 MB', '9007199254740993', '1e3', '0x'])('not “%s”', (text) =>
    expect(parseSize(text)).toBeNull(),
  );
});

describe('expressions', () => {
  it('reads places, functions and sums', () => {
    const place = { kind: 'place', guest: 'alice', object: 'bounce buffer' };
    expect(parseExpression('alice:bounce buffer + 0x10')).toEqual([place, { kind: 'number', value: 16 }]);
    expect(parseExpression('spa(alice:bounce buffer + 8) + 8')).toEqual([
      { kind: 'of', name: 'spa', inner: [place, { kind: 'number', value: 8 }] },
      { kind: 'number', value: 8 },
    ]);
    expect(parseExpression('table( bob , 3 )')).toEqual([
      { kind: 'guest', name: 'table', guest: 'bob', index: 3 },
    ]);
    expect(parseExpression('vmcb(bob-2)')).toEqual([
      { kind: 'guest', name: 'vmcb', guest: 'bob-2', index: 0 },
    ]);
    expect(parseExpression('memory(alice) + 0x800')).not.toBeNull();
    expect(parseExpression('vmsa(alice, 1) + 0x178')).toEqual([
      { kind: 'guest', name: 'vmsa', guest: 'alice', index: 1 },
      { kind: 'number', value: 0x178 },
    ]);
    for (const name of ['registers', 'checksum', 'ghcb'])
      expect(parseExpression(`${name}(bob)`)).not.toBeNull();
    expect(parseExpression('label(alice, on)')).toEqual([{ kind: 'label', guest: 'alice', label: 'on' }]);
    expect(parseExpression('pte(gpa(alice:x))')).not.toBeNull();
  });

  it.each([
    '',
    '+',
    'alice',
    'alice:',
    ':x',
    'Alice:x',
    'spa()',
    'spa(alice:x',
    'spa(alice:x))',
    'vmcb(alice, x)',
    'vmcb(alice, 1, 2)',
    'asid(alice, 1)',
    'table(alice)',
    'label(alice)',
    'label(alice, 1)',
    'table(alice, -1)',
    'peek(4)',
    'alice:x +',
    '1 - 1',
  ])('not “%s”', (text) => expect(parseExpression(text)).toBeNull());

  it('never throws and never takes long', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'spagte(:),+ 01x'), maxLength: 120 }),
        (text) => void parseExpression(text),
      ),
    );
    expect(parseExpression('spa('.repeat(30))).toBeNull();
    expect(parseExpression(`alice:${'x'.repeat(LONGEST_EXPRESSION)}`)).toBeNull();
  });
});
