import { describe, expect, it } from 'vitest';
import { OWNER_GUEST } from '../../engine/core/page';
import { definitionOf, GLOSSARY, TERMS } from './glossary';
import { ownerHue, ownerShape } from './owners';

describe('the glossary', () => {
  it('has one definition a word', () => {
    const words = GLOSSARY.flatMap(({ word, also }) => [word, ...(also ?? [])]).map((word) =>
      word.toLowerCase(),
    );
    expect(new Set(words).size).toBe(words.length);
  });

  it('finds its words in running text, and not inside others', () => {
    const found = 'The C-bit of a GPA, the nested tables; not SEVscope, C-bitten or RMPUPDATE.'.match(TERMS);
    expect(found).toEqual(['C-bit', 'GPA', 'nested tables']);
    expect(definitionOf('nested tables')?.word).toBe('NPT');
  });
});

describe('owners', () => {
  it('have one hue, by number and by name', () => {
    expect(ownerHue(OWNER_GUEST + 1)).toBe('guest-1');
    expect(ownerHue('alice')).toBe('guest-1');
    expect(ownerHue('Bob')).toBe(ownerHue(OWNER_GUEST + 2));
    expect(ownerHue('zoe', [{ id: 3, name: 'zoe' }])).toBe('guest-3');
    expect(ownerHue('xen')).toBe('hypervisor');
  });

  it('differ in shape when they share a hue', () => {
    expect(ownerHue(OWNER_GUEST + 13)).toBe(ownerHue(OWNER_GUEST + 1));
    expect(ownerShape(OWNER_GUEST + 13)).not.toBe(ownerShape(OWNER_GUEST + 1));
  });
});
