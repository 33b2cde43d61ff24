import { describe, expect, it } from 'vitest';
import { configName, decodeText, looksLikeConfig, offsetOf } from './places';

const bytes = (...parts: (string | number)[]) =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)])),
  );

describe('a place in a configuration', () => {
  it('is found by line and column, in characters', () => {
    const text = 'name = "a"\nb = "🙂x"\nc';
    expect(text.slice(offsetOf(text, { line: 1, column: 8 }))).toMatch(/^"a"/);
    expect(text.slice(offsetOf(text, { line: 2, column: 7 }))).toMatch(/^x"/);
    expect(offsetOf(text, { line: 9, column: 1 })).toBe(text.length);
  });
});

describe('a dropped configuration', () => {
  it('is text, or says where it is not', () => {
    expect(decodeText(bytes('name = "ä"\n'))).toEqual({ ok: true, text: 'name = "ä"\n' });
    expect(decodeText(bytes('name = "x"\nty', 0xff, 'pe'))).toMatchObject({ ok: false, line: 2, column: 3 });
    expect(decodeText(bytes('ab', 0, 'c'))).toMatchObject({ ok: false, line: 1, column: 3 });
    expect(decodeText(bytes('ab', 0xc3))).toMatchObject({ ok: false, line: 1 });
  });

  it('is recognised without its ending', () => {
    expect(looksLikeConfig('# a guest\nname="x"\nmemory=4\n')).toBe(true);
    expect(looksLikeConfig('name = "x"')).toBe(false);
    expect(looksLikeConfig('Dear reader,\nmemory is short.')).toBe(false);
  });

  it('gets a name that Domain-0 takes', () => {
    expect(configName('alice.cfg')).toBe('alice.cfg');
    expect(configName('my guest (2).cfg')).toBe('my-guest-2-.cfg');
    expect(configName('…')).toBe('guest.cfg');
    expect(configName(`${'x'.repeat(100)}.cfg`)).toMatch(/^x{50}.*\.cfg$/);
    expect(configName(`${'x'.repeat(100)}.cfg`)).toHaveLength(63);
  });
});
