import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldInfo } from '../../engine/core/vocabulary';
import { actionOf, entered, shown } from './values';

const field = (kind: FieldInfo['kind'], more: Partial<FieldInfo> = {}): FieldInfo => ({
  name: 'it',
  kind,
  help: '',
  optional: false,
  choices: [],
  ...more,
});

describe('the fields of an action', () => {
  it('come back as the number that was shown', () => {
    fc.assert(
      fc.property(fc.constantFrom('address', 'number', 'core'), fc.nat(2 ** 40), (kind, value) => {
        const info = field(kind as FieldInfo['kind']);
        expect(entered(info, shown(info, value))).toEqual({ ok: true, value });
      }),
    );
  });

  it('name what is wrong with a number', () => {
    expect(entered(field('address'), '0xzz')).toMatchObject({ ok: false });
    expect(entered(field('number', { min: 1 }), '0')).toEqual({ ok: false, why: 'At least 1.' });
    expect(entered(field('number', { max: 9 }), '10')).toEqual({ ok: false, why: 'At most 9.' });
    expect(entered(field('number'), '9'.repeat(20))).toMatchObject({ ok: false });
  });

  it('leave out what may be left out', () => {
    expect(entered(field('number', { optional: true }), ' ')).toEqual({ ok: true, value: undefined });
    expect(entered(field('number'), '')).toMatchObject({ ok: false });
  });

  it('keep the type of a choice', () => {
    expect(entered(field('choice', { choices: ['mapped', 0, 1] }), '0')).toEqual({ ok: true, value: 0 });
  });

  it('keep every character of data', () => {
    expect(entered(field('data'), ' two  spaces ')).toEqual({ ok: true, value: ' two  spaces ' });
  });

  it('make an action, or say which of them are wrong', () => {
    const fields = [field('address', { name: 'at' }), field('data', { name: 'data' })];
    expect(actionOf('guest.write', fields, { at: '0x1000', data: 'hi' })).toEqual({
      action: { type: 'guest.write', at: 4096, data: 'hi' },
      wrong: {},
    });
    expect(actionOf('guest.write', fields, { at: 'x', data: 'hi' }).action).toBeNull();
  });
});
