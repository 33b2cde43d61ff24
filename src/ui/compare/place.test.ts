import { expect, it } from 'vitest';
import { formatSide } from '../../lab/side';
import type { ComparedScript } from '../../worker/compare/protocol';
import { anotherSide, readPlace, roomOf, usualSides } from './place';

const script = (attack: ComparedScript['attack']): ComparedScript => ({
  id: 'x',
  title: 'X',
  steps: [],
  home: 'sev',
  attack,
});
const names = (sides: Parameters<typeof roomOf>[0]['sides']) => sides.map(formatSide);

it('finds in the address what was written into it', () => {
  const path = 'compare/ciphertext-replay/sev,sev-snp~ciphertext-hiding@turin:rmp.validated/3';
  expect(roomOf(readPlace(path.slice('compare/'.length)))).toBe(path);
  expect(roomOf(readPlace('ciphertext-replay'))).toBe('compare/ciphertext-replay');
});

it('leaves out what there is not, and takes no more machines than fit', () => {
  const { sides, step } = readPlace('x/sev,nonsense,sme,off,sev-es,sev-snp/-1');
  expect(names(sides)).toEqual(['sev', 'sme', 'off', 'sev-es']);
  expect(step).toBe(0);
});

it('begins with the technologies that have what is attacked, and with the mitigations', () => {
  expect(names(usualSides(script(null)))).toEqual(['sme', 'sev', 'sev-es', 'sev-snp']);
  const attack = { from: 'sev-es' as const, mitigations: [{ id: 'm', says: '' }] };
  expect(names(usualSides(script(attack)))).toEqual(['sev-es', 'sev-snp', 'sev-snp~m']);
});

it('adds a machine that is not there yet', () => {
  let { sides } = readPlace('x/sev,sev-snp');
  while (sides.length < 8) sides = [...sides, anotherSide(sides)];
  expect(new Set(names(sides).slice(0, 7)).size).toBe(7);
});
