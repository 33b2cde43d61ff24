import { expect, it } from 'vitest';
import type { PageView } from '../../../worker/protocol';
import { guestPlace, hostEye, pendingLines } from './eyes';

const page = (part: Partial<PageView>): PageView => ({
  pfn: 0x12,
  owner: 'alice',
  word: 0,
  region: 'dram',
  use: 'Alice’s memory',
  mappings: [],
  touches: [],
  cachedLines: [],
  attempts: [],
  ...part,
});
const mapping = (who: string, virtual: number | null, gpa: number | null) => ({
  who,
  virtual,
  gpa,
  c: true,
  nestedC: false,
});

it('a guest looks through its tables where it can, else past them', () => {
  const mapped = page({
    mappings: [
      mapping('bob', 0x9000, 0x1000),
      mapping('alice', null, 0x4000),
      mapping('alice', 0x7000, 0x4000),
    ],
  });
  expect(guestPlace(mapped, 'alice')).toEqual({ space: 'gva', address: 0x7000 });
  expect(guestPlace(page({ mappings: [mapping('alice', null, 0x4000)] }), 'alice')).toEqual({
    space: 'gpa',
    address: 0x4000,
  });
  expect(guestPlace(mapped, 'carol')).toEqual({ space: 'spa', address: 0x12000 });
});

it('the three views of the hypervisor', () => {
  expect((['mapped', '0', '1'] as const).map(hostEye)).toEqual([
    { eye: 'host', c: 'mapped' },
    { eye: 'host', c: 0 },
    { eye: 'host', c: 1 },
  ]);
});

it('counts dirty lines by cache and key and leaves clean ones out', () => {
  const line = (complex: number, key: string, dirty: boolean) => ({ complex, address: 0, key, dirty });
  const cachedLines = [
    line(0, 'host key', true),
    line(0, 'host key', true),
    line(1, 'host key', true),
    line(0, 'no key', false),
  ];
  expect(pendingLines(page({ cachedLines }))).toEqual([
    { complex: 0, key: 'host key', count: 2 },
    { complex: 1, key: 'host key', count: 1 },
  ]);
});
