import { expect, it } from 'vitest';
import type { GuestSummary } from '../../../worker/protocol';
import { pictureOf, thingAt } from './objects';

const guest: GuestSummary = {
  id: 1,
  name: 'alice',
  alive: true,
  sev: true,
  asid: 1,
  memory: 2 ** 20,
  core: 0,
  objects: [
    { name: 'secret.txt', kind: 'text', address: 0x4000, length: 16 },
    { name: 'picture.png', kind: 'picture', address: 0x8000, length: 64 * 64 * 4, width: 64, height: 64 },
    { name: 'again.txt', kind: 'text', address: 0x4000, length: 8 },
  ],
};

it('finds the newest thing at an address and nothing beside it', () => {
  expect(thingAt(guest, 0x4000)?.name).toBe('again.txt');
  expect(thingAt(guest, 0x4009)?.name).toBe('secret.txt');
  expect(thingAt(guest, 0x4010)).toBeNull();
});

it('a picture has a size; a tall one is cut to what one look may fetch', () => {
  const [text, picture] = guest.objects;
  expect(text && pictureOf({ guest, thing: text })).toBeNull();
  expect(picture && pictureOf({ guest, thing: picture })).toMatchObject({
    width: 64,
    height: 64,
    length: 16_384,
  });
  const tall =
    picture && pictureOf({ guest, thing: { ...picture, width: 1000, height: 1000, length: 4_000_000 } });
  expect(tall?.length).toBeLessThanOrEqual(2 ** 20);
  expect(tall && tall.length === 4 * tall.width * tall.height).toBe(true);
});
