import { expect, it } from 'vitest';
import type { FilmRun } from '../../../worker/protocol';
import { filmItems, itemOf, regionsOf, shortDigest } from './film';

const run = (what: string, type: string, gpa: number, pages: number, from: number): FilmRun => ({
  what,
  type,
  gpa,
  pages,
  from,
  before: '',
  after: '',
});

const runs = [
  run('image', 'NORMAL', 0xffff0000, 16, 0),
  run('SNP_SEC_MEM', 'ZERO', 0x800000, 9, 16),
  run('VMSA of vCPU 0', 'VMSA', 0xffff_ffff_f000, 1, 25),
  run('VMSA of vCPU 1', 'VMSA', 0xffff_ffff_f000, 1, 26),
];

it('a run is a card, or a card a page', () => {
  const closed = filmItems(runs, new Set());
  expect(closed.map(({ from, frames }) => [from, frames])).toEqual([
    [0, 16],
    [16, 9],
    [25, 1],
    [26, 1],
  ]);
  expect(itemOf(closed, 0)).toBe(0);
  expect(itemOf(closed, 15)).toBe(0);
  expect(itemOf(closed, 16)).toBe(1);
  expect(itemOf(closed, 26)).toBe(3);
  const open = filmItems(runs, new Set([16]));
  expect(open).toHaveLength(12);
  expect(itemOf(open, 17)).toBe(2);
  expect(itemOf([], 5)).toBe(0);
});

it('guest-physical space is in the order of addresses, pages at one place once', () => {
  expect(regionsOf(runs).map(({ gpa, times }) => [gpa, times])).toEqual([
    [0x800000, 1],
    [0xffff0000, 1],
    [0xffff_ffff_f000, 2],
  ]);
});

it('a digest of zeros is told from others', () => {
  expect(shortDigest('0'.repeat(96))).toBe('0 … 0');
  expect(shortDigest(`12345678${'0'.repeat(84)}abcd`)).toBe('12345678…abcd');
});
