import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVisit, type Visit } from './visit';

const visit: Visit = {
  address: '#1/s/cold-boot/3',
  place: '“Cold boot”, step 3',
  predictions: {
    'cold-boot/3': { guess: 1, answer: { right: 2, because: 'So it is.' } },
    'cold-boot/4': { guess: 0, answer: null },
  },
  typed: ['help'],
  printed: [
    { kind: 'typed', text: 'help' },
    { kind: 'plain', text: 'Commands: …' },
  ],
};
const nothing: Visit = { address: '', place: '', predictions: {}, typed: [], printed: [] };

describe('what a visit leaves for the next', () => {
  it('comes back as it was', () => {
    expect(readVisit(JSON.stringify(visit))).toEqual(visit);
  });

  it('is taken field by field from whatever somebody wrote there', () => {
    expect(readVisit(null)).toEqual(nothing);
    expect(readVisit('{')).toEqual(nothing);
    expect(
      readVisit('{"address":"javascript:alert(1)","typed":[1,"ok"],"printed":[{"kind":"x"},7]}'),
    ).toEqual({
      ...nothing,
      typed: ['ok'],
    });
    fc.assert(
      fc.property(fc.json(), (junk) => {
        expect(Object.keys(readVisit(junk))).toEqual(Object.keys(nothing));
      }),
    );
  });
});
