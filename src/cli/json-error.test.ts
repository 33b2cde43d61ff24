import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonErrorIndex } from './json-error';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the place of an error in a JSON text', () => {
  it.each([
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['[1, x]', 4],
    ['[1 2]', 3],
    ['{"a":01}', 6],
    ['["a\nb"]', 3],
    ['["a\\xb"]', 3],
    ['[1}', 2],
    ['[,1]', 1],
    ['1 2', 2],
    ['', 0],
    ['{"a":[1,2', 9],
    ['["abc', 5],
    ['nul', 0],
  ])('%j', (text, index) => {
    expect(jsonErrorIndex(text)).toBe(index);
  });

  it('accepts what JSON.parse accepts, and nothing else', () => {
    const near = fc
      .tuple(fc.json(), fc.nat(), fc.nat({ max: 2 }), fc.constantFrom(...'{}[]:,"\\0-1.eE+x \n\u00001tfn'))
      .map(([text, at, drop, insert]) => {
        const cut = at % (text.length + 1);
        return text.slice(0, cut) + insert + text.slice(cut + drop);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), near), (text) => {
        expect(jsonErrorIndex(text) === null).toBe(parses(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('is not upset by depth', () => {
    expect(jsonErrorIndex('['.repeat(1_000_000))).toBe(1_000_000);
  });
});
