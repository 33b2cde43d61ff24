import { expect, it } from 'vitest';
import { PageBytes } from './pageBytes';

it('asks once a revision and keeps the old bytes until the new ones come', async () => {
  let asked = 0;
  let arrived = 0;
  const pages = new PageBytes(() => arrived++);
  const bytesOf = async (pfn: number): Promise<Uint8Array> => Uint8Array.of(pfn, ++asked);
  expect(pages.get(7)).toBeNull();
  pages.configure(bytesOf, 1);
  expect(pages.get(7)).toBeNull();
  expect(pages.get(7)).toBeNull();
  await Promise.resolve();
  expect(pages.get(7)).toEqual(Uint8Array.of(7, 1));
  pages.configure(bytesOf, 2);
  expect(pages.get(7)).toEqual(Uint8Array.of(7, 1));
  await Promise.resolve();
  expect(pages.get(7)).toEqual(Uint8Array.of(7, 2));
  expect([asked, arrived]).toEqual([2, 2]);
});
