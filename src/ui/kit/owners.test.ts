import { expect, it } from 'vitest';
import { ownerHue, ownerShape } from './owners';

it('gives a guest that is gone neither hue nor shape of one that is there', () => {
  const guests = [{ id: 2, name: 'alice' }];
  expect(ownerHue('bob')).toBe(ownerHue('alice', guests));
  expect(ownerHue('bob', guests)).not.toBe(ownerHue('alice', guests));
  expect(ownerShape('bob', guests)).not.toBe(ownerShape('alice', guests));
});
