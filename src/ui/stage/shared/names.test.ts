import { expect, it } from 'vitest';
import { keyName } from '../../../engine/core/key';
import type { GuestSummary } from '../../../worker/protocol';
import { keyOwner, keySelector, keyWords, sizeWords, written } from './names';

const guest = (name: string, asid: number, alive = true): GuestSummary => ({
  id: asid,
  name,
  alive,
  sev: true,
  asid,
  memory: 0,
  core: 0,
  objects: [],
});
const guests = [guest('alice', 1, false), guest('bob', 2), guest('carol', 1)];

it('a key belongs to the living guest that runs under its ASID', () => {
  expect([-1, 0, 1, 2, 3].map((key) => keyOwner(key, guests))).toEqual([null, 'xen', 'carol', 'bob', null]);
  expect([-1, 0, 2, 3].map((key) => keyWords(key, guests))).toEqual([
    'no key',
    'host key',
    'Bob’s key',
    'key of ASID 3',
  ]);
});

it('reads back every name the engine gives a key', () => {
  for (const key of [-1, 0, 1, 509]) expect(keySelector(keyName(key))).toBe(key);
  expect(keySelector('something else')).toBeNull();
});

it('writes names and sizes as people do', () => {
  expect(['alice', 'xen', 'asp', 'dram'].map(written)).toEqual(['Alice', 'Xen', 'ASP', 'DRAM']);
  expect([16, 4096, 16 * 2 ** 20, 2 ** 40, 5000].map(sizeWords)).toEqual([
    '16 B',
    '4 KiB',
    '16 MiB',
    '1 TiB',
    '5000 B',
  ]);
});
