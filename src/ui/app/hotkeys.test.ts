import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../palette/commands';
import { type KeyPress, pressed, spell } from './hotkeys';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

describe('hotkeys', () => {
  it('knows Ctrl and Command as Mod', () => {
    expect(pressed('Mod+K', press('k', { ctrlKey: true }))).toBe(true);
    expect(pressed('Mod+K', press('k', { metaKey: true }))).toBe(true);
    expect(pressed('Mod+K', press('k'))).toBe(false);
  });

  it('tells letters with and without Shift apart, but not signs', () => {
    expect(pressed('f', press('f'))).toBe(true);
    expect(pressed('f', press('F', { shiftKey: true }))).toBe(false);
    expect(pressed('Shift+F', press('F', { shiftKey: true }))).toBe(true);
    expect(pressed('?', press('?', { shiftKey: true }))).toBe(true);
    expect(pressed('?', press('?'))).toBe(true);
  });

  it('leaves combinations with Alt to the browser', () => {
    expect(pressed('ArrowLeft', press('ArrowLeft', { altKey: true }))).toBe(false);
  });

  it('spells them as the keyboard does', () => {
    expect(spell('Mod+K', false)).toBe('Ctrl K');
    expect(spell('Mod+Shift+S', true)).toBe('⌘ Shift S');
    expect(spell('ArrowRight', false)).toBe('→');
  });
});

describe('the list of commands', () => {
  it('gives every key to one command', () => {
    const keys = COMMANDS.flatMap(({ keys }) => keys ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('gives every command its own name', () => {
    expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
    expect(new Set(COMMANDS.map(({ title }) => title)).size).toBe(COMMANDS.length);
  });
});
