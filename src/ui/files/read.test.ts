import { describe, expect, it } from 'vitest';
import { roomyMemory, shortName } from '../../store/intake';
import { fitted, LONGEST_SIDE } from './decode';
import { kindOf } from './read';

describe('a file from outside', () => {
  it('is known by its name and type', () => {
    expect(kindOf('cold-boot.scenario.yaml', '')).toBe('session');
    expect(kindOf('Session.JSON', 'application/json')).toBe('session');
    expect(kindOf('cat.PNG', '')).toBe('picture');
    expect(kindOf('photo', 'image/jpeg')).toBe('picture');
    expect(kindOf('Alice.CFG', '')).toBe('config');
    expect(kindOf('drawing.svg', 'image/svg+xml')).toBe('bytes');
    expect(kindOf('notes.txt', 'text/plain')).toBe('bytes');
  });

  it('is scaled down when it is a large picture, and keeps its shape', () => {
    expect(fitted(200, 100)).toEqual({ width: 200, height: 100 });
    expect(fitted(4096, 2048)).toEqual({ width: LONGEST_SIDE, height: LONGEST_SIDE / 2 });
    expect(fitted(10_000, 1)).toEqual({ width: LONGEST_SIDE, height: 1 });
  });

  it('keeps the end of a long name', () => {
    expect(shortName('a.png')).toBe('a.png');
    const short = shortName(`${'x'.repeat(200)}holiday.png`);
    expect(short).toHaveLength(64);
    expect(short.endsWith('holiday.png')).toBe(true);
  });

  it('knows how large a machine it would need', () => {
    const MIB = 2 ** 20;
    expect(roomyMemory(16 * MIB, 1000)).toBe(32 * MIB);
    expect(roomyMemory(16 * MIB, 60 * MIB)).toBe(256 * MIB);
    expect(roomyMemory(2 ** 40, 1000)).toBeNull();
  });
});
