import { describe, expect, it } from 'vitest';
import { actionSchema, DEFINITIONS } from '../actions';
import { dataBytes, field, fieldInfos } from './fields';
import { z } from './zod';

describe('the fields of an action', () => {
  it('tell kind, limits, choices and whether they may be left out', () => {
    const schema = z.strictObject({
      type: z.literal('x'),
      at: field.address('where'),
      count: z.optional(field.count('how many', 3, 9)),
      way: field.choice('which way', ['up', 'down']),
    });
    expect(fieldInfos(schema)).toEqual([
      { name: 'at', kind: 'address', help: 'where', optional: false, choices: [], min: 0, max: 2 ** 52 - 1 },
      { name: 'count', kind: 'number', help: 'how many', optional: true, choices: [], min: 3, max: 9 },
      { name: 'way', kind: 'choice', help: 'which way', optional: false, choices: ['up', 'down'] },
    ]);
  });

  it('are known for every action', () => {
    for (const { schema } of DEFINITIONS) expect(() => fieldInfos(schema)).not.toThrow();
  });
});

describe('data', () => {
  it.each([
    ['text', true],
    ['hex:00ff', true],
    ['hex:00 ff_10', true],
    ['hex:', false],
    ['hex:0', false],
    ['hex:zz', false],
    ['ä'.repeat(2048), true],
    ['ä'.repeat(2049), false],
    ['', false],
  ])('%j passes: %s', (data, passes) => {
    expect(actionSchema.safeParse({ type: 'device.write', at: 0, data }).success).toBe(passes);
  });

  it('becomes bytes', () => {
    expect(dataBytes('hex:00 ff')).toEqual(Uint8Array.of(0, 255));
    expect(dataBytes('hé')).toEqual(Uint8Array.of(0x68, 0xc3, 0xa9));
  });
});
