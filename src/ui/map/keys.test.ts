import { describe, expect, it } from 'vitest';
import { commandOf, type KeyStroke } from './keys';
import { layoutOf } from './layout';

const layout = layoutOf(1000, 64);
const stroke = (key: string, held: Partial<KeyStroke> = {}): KeyStroke => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...held,
});
const to = (key: string, from: number, held?: Partial<KeyStroke>): number | undefined => {
  const command = commandOf(stroke(key, held), from, layout, 5);
  return command?.kind === 'move' ? command.to : undefined;
};

describe('keys of the map', () => {
  it('move by cells and never leave the map', () => {
    expect(to('ArrowRight', 10)).toBe(11);
    expect(to('ArrowRight', 63)).toBe(63);
    expect(to('ArrowDown', 10)).toBe(74);
    expect(to('ArrowDown', 950)).toBe(999);
    expect(to('ArrowLeft', 130, { shiftKey: true })).toBe(128);
    expect(to('PageUp', 700)).toBe(380);
  });

  it('go to the ends of the row and of the map', () => {
    expect(to('Home', 130)).toBe(128);
    expect(to('End', 130)).toBe(191);
    expect(to('Home', 130, { ctrlKey: true })).toBe(0);
    expect(to('End', 130, { ctrlKey: true })).toBe(999);
  });

  it('leave the browser its own', () => {
    expect(commandOf(stroke('+', { ctrlKey: true }), 0, layout, 5)).toBeNull();
    expect(commandOf(stroke('ArrowLeft', { altKey: true }), 0, layout, 5)).toBeNull();
    expect(commandOf(stroke('Tab'), 0, layout, 5)).toBeNull();
  });
});
